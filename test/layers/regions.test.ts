import { regions } from '../../src/layers/regions.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('regions', regions);
