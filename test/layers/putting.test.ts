import { putting } from '../../src/layers/putting.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('putting', putting);
