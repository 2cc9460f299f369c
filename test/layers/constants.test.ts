import { constants } from '../../src/layers/constants.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('constants', constants);
