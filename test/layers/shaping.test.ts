import { shaping } from '../../src/layers/shaping.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('shaping', shaping);
