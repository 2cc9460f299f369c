import { suppression } from '../../src/layers/nonMaxSuppression.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('nonMaxSuppression', suppression);
