import { matrices } from '../../src/layers/matrices.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('matrices', matrices);
