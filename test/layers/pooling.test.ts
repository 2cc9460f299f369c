import { pooling } from '../../src/layers/pooling.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('pooling', pooling);
