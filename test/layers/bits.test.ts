import { bits } from '../../src/layers/bits.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('bits', bits);
