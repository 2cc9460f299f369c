import { scattering } from '../../src/layers/scattering.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('scattering', scattering);
