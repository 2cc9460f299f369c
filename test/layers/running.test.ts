import { running } from '../../src/layers/running.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('running', running);
