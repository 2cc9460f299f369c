import { softmaxLayers } from '../../src/layers/softmax.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('softmax', softmaxLayers);
