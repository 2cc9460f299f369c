import { resizing } from '../../src/layers/resizing.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('resizing', resizing);
