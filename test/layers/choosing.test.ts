import { choosing } from '../../src/layers/choosing.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('choosing', choosing);
