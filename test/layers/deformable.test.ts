import { deformable } from '../../src/layers/deformable.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('deformable', deformable);
