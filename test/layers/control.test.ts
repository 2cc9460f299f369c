import { control } from '../../src/layers/control.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('control', control);
