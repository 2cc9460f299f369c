import { convolution } from '../../src/layers/convolution.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('convolution', convolution);
