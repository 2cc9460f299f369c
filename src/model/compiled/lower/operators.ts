import { lowerConv, lowerConvTranspose } from './convolution.ts';
import { gatheringOperators } from './gathering.ts';
import { gradientOperators } from './gradients.ts';
import { type Lower, mapAt } from './lowering.ts';
import { lowerGemm, lowerMatMul } from './matmul.ts';
import { norms } from './norms.ts';
import { affine, pointwiseOperators } from './pointwise.ts';
import { pools } from './pools.ts';
import { reductions } from './reductions.ts';
import { resizingOperators } from './resizing.ts';
import { normalizationScaling } from './scaling.ts';
import { shapeOperators } from './shapes.ts';

const lowerBatchNormalization: Lower = (context) => {
  const x = mapAt(context, 0);
  const scaling = normalizationScaling(context.node, context.constant);
  return x && scaling && affine(context, x, scaling);
};

/** The operators that run on a device, by ONNX name, and those of backward passes. */
export const lowerings: Readonly<Record<string, Lower>> = {
  Conv: lowerConv,
  ConvTranspose: lowerConvTranspose,
  Gemm: lowerGemm,
  MatMul: lowerMatMul,
  BatchNormalization: lowerBatchNormalization,
  ...pools,
  ...reductions,
  ...pointwiseOperators,
  ...shapeOperators,
  ...gatheringOperators,
  ...resizingOperators,
  ...norms,
  ...gradientOperators,
};
