import { normalization } from '../../src/layers/normalization.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('normalization', normalization);
