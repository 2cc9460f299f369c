import { products } from '../../src/layers/einsum.ts';
import { testLayers } from '../support/operatorSamples.ts';

testLayers('einsum', products);
