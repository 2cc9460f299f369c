import { reductions } from '../../src/layers/reductions.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('reductions', reductions);
