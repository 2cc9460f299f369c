import { regionMeans } from '../../src/layers/roiAlign.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('roiAlign', regionMeans);
