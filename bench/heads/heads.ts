/**
 * Heads of today's networks at their default layers, in real sizes with seeded random weights: what lies between the layer that is
 * explained and the logits.
 */
import {
  add,
  gelu,
  hardSwish,
  layerNorm,
  matmul,
  maxPool,
  mean,
  mul,
  relu,
  reshape,
  silu,
  softmax,
  takeAt,
  transpose,
} from '../../src/core.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../src/tensor/tensor.ts';

export interface Head {
  readonly name: string;
  readonly activation: Tensor;
  /** Activation → logits. */
  head(a: Tensor): Tensor;
}

const random = createRandom(1);

/** Normal numbers of that scale; weights in float32, as networks hold them. */
function normal(
  shape: readonly number[],
  scale: number,
  Kind: typeof Float32Array | typeof Float64Array = Float32Array,
): Tensor {
  const data = new Kind(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = scale * random.normal();
  return fromData(data, shape);
}

const dense = (inputs: number, outputs: number) => {
  const w = normal([outputs, inputs], 1 / Math.sqrt(inputs));
  const b = normal([outputs], 0.1);
  return (x: Tensor): Tensor => add(matmul(x, w, { right: true }), b);
};

const activation = (shape: readonly number[]) => normal(shape, 1, Float64Array);

function vggHead(name: string, unit: (x: Tensor) => Tensor): Head {
  const [first, second, last] = [dense(25_088, 4096), dense(4096, 4096), dense(4096, 1000)];
  const pool = {
    kernel: [2, 2],
    strides: [2, 2],
    dilations: [1, 1],
    padsBefore: [0, 0],
    padsAfter: [0, 0],
    output: [7, 7],
  };
  return {
    name,
    activation: relu(activation([1, 512, 14, 14])),
    head: (a) => last(unit(second(unit(first(reshape(maxPool(a, pool), [1, 25_088])))))),
  };
}

function convNeXtHead(): Head {
  const last = dense(768, 1000);
  const [scale, bias] = [normal([768], 1), normal([768], 0.1)];
  return {
    name: 'ConvNeXt-T',
    activation: activation([1, 768, 7, 7]),
    head: (a) => last(layerNorm(mean(a, [2, 3]), { scale, bias, epsilon: 1e-6 })),
  };
}

function efficientNetHead(): Head {
  const last = dense(1280, 1000);
  return {
    name: 'EfficientNet-B0',
    activation: activation([1, 1280, 7, 7]),
    head: (a) => last(mean(silu(a), [2, 3])),
  };
}

function mobileNetHead(): Head {
  const [first, last] = [dense(960, 1280), dense(1280, 1000)];
  return {
    name: 'MobileNetV3-L',
    activation: activation([1, 960, 7, 7]),
    head: (a) => last(hardSwish(first(mean(a, [2, 3])))),
  };
}

function swinHead(): Head {
  const last = dense(768, 1000);
  const [scale, bias] = [normal([768], 1), normal([768], 0.1)];
  return {
    name: 'Swin-T',
    activation: activation([1, 7, 7, 768]),
    head: (a) => last(mean(layerNorm(a, { scale, bias, epsilon: 1e-5 }), [1, 2])),
  };
}

function vitHead(): Head {
  const [tokens, width, heads] = [197, 192, 3];
  const depth = width / heads;
  const [qkv, project, up, down, last] = [
    dense(width, 3 * width),
    dense(width, width),
    dense(width, 4 * width),
    dense(4 * width, width),
    dense(width, 1000),
  ];
  const norms = [0, 1].map(() => ({ scale: normal([width], 1), bias: normal([width], 0.1), epsilon: 1e-6 }));
  const stream = activation([1, tokens, width]);
  const part = (x: Tensor, which: number) => {
    const at = new Int32Array(heads * tokens * depth);
    for (let h = 0, p = 0; h < heads; h++)
      for (let t = 0; t < tokens; t++)
        for (let d = 0; d < depth; d++) at[p++] = t * 3 * width + which * width + h * depth + d;
    return takeAt(x, at, [heads, tokens, depth]);
  };
  return {
    name: 'ViT-Ti',
    activation: activation([1, tokens, width]),
    head: (a) => {
      const all = qkv(reshape(a, [tokens, width]));
      const [q, k, v] = [0, 1, 2].map((which) => part(all, which));
      const scores = mul(matmul(q, k, { right: true }), 1 / Math.sqrt(depth));
      const mixed = reshape(transpose(matmul(softmax(scores), v), [1, 0, 2]), [1, tokens, width]);
      const x = add(stream, project(mixed));
      const y = add(x, down(gelu(up(layerNorm(x, norms[0])))));
      const z = layerNorm(y, norms[1]);
      return last(
        takeAt(
          z,
          Int32Array.from({ length: width }, (_, i) => i),
          [1, width],
        ),
      );
    },
  };
}

/** By name: made when asked for, since the weights of some are large. */
export const heads: Readonly<Record<string, () => Head>> = {
  'vgg16-gelu': () => vggHead('VGG-16 with GELU', gelu),
  vgg16: () => vggHead('VGG-16', relu),
  convnext: convNeXtHead,
  efficientnet: efficientNetHead,
  mobilenet: mobileNetHead,
  vit: vitHead,
  swin: swinHead,
};
