import { attentions } from '../../src/layers/attention.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('attention', attentions);
