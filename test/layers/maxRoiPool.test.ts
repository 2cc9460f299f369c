import { regionMaxima } from '../../src/layers/maxRoiPool.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('maxRoiPool', regionMaxima);
