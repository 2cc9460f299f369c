import { sifting } from '../../src/layers/sifting.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('sifting', sifting);
