import { padding } from '../../src/layers/padding.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('padding', padding);
