import { fused } from '../../src/layers/fused.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('operators of onnxruntime', fused);
