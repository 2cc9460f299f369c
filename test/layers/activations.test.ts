import { activations } from '../../src/layers/activations.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('activations', activations);
