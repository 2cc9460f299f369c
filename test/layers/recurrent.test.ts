import { recurrentLayers } from '../../src/layers/recurrent.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('recurrent', recurrentLayers);
