import { sampling } from '../../src/layers/sampling.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('sampling', sampling);
