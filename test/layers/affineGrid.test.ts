import { affineGrids } from '../../src/layers/affineGrid.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('affineGrid', affineGrids);
