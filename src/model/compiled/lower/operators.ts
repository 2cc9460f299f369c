import { lowerConv } from './convolution.ts';
import { lowerDense } from './dense.ts';
import { gradientOperators } from './gradients.ts';
import type { Lower } from './lowering.ts';
import { affine, pointwiseOperators } from './pointwise.ts';
import { pools } from './pools.ts';
import { normalizationScaling } from './scaling.ts';
import { shapeOperators } from './shapes.ts';

const lowerBatchNormalization: Lower = (context) => {
  const x = context.value(0);
  const scaling = normalizationScaling(context.node, context.constant);
  return x && scaling && affine(context, x, scaling);
};

/** The operators that run on a device, by ONNX name, and those of backward passes. */
export const lowerings: Readonly<Record<string, Lower>> = {
  Conv: lowerConv,
  Gemm: lowerDense,
  MatMul: lowerDense,
  BatchNormalization: lowerBatchNormalization,
  ...pools,
  ...pointwiseOperators,
  ...shapeOperators,
  ...gradientOperators,
};
