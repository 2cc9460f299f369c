import { arithmetic } from '../../src/layers/arithmetic.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('arithmetic', arithmetic);
