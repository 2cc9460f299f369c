import { gathering } from '../../src/layers/gathering.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('gathering', gathering);
