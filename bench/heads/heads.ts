/**
 * Heads of today's networks at their default layers, in real sizes with seeded random weights: what lies between the layer that is
 * explained and the logits.
 */
import {
  add,
  castTo,
  conv,
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

/** Numbers for weights and activations: normal ones unless given. */
export type Numbers = () => number;

const random = createRandom(1);
const normals: Numbers = () => random.normal();

/** Numbers of that scale; weights in float32, as networks hold them. */
function filled(next: Numbers, shape: readonly number[], scale: number): Tensor {
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = scale * next();
  return fromData(data, shape);
}

function dense(next: Numbers, inputs: number, outputs: number): (x: Tensor) => Tensor {
  const w = filled(next, [outputs, inputs], 1 / Math.sqrt(inputs));
  const b = filled(next, [outputs], 0.1);
  return (x) => add(matmul(x, w, { right: true }), b);
}

const activation = (next: Numbers, shape: readonly number[]) => castTo(filled(next, shape, 1), 'float64');

/** A mean over all cells and one dense layer. */
function pooledHead(next: Numbers, name: string, channels: number): Head {
  const last = dense(next, channels, 1000);
  return {
    name,
    activation: relu(activation(next, [1, channels, 7, 7])),
    head: (a) => last(mean(a, [2, 3])),
  };
}

function squeezeNetHead(next: Numbers): Head {
  const kernel = filled(next, [1000, 512, 1, 1], 1 / Math.sqrt(512));
  return {
    name: 'SqueezeNet 1.1',
    activation: relu(activation(next, [1, 512, 13, 13])),
    head: (a) => mean(relu(conv(a, kernel)), [2, 3]),
  };
}

function vggHead(next: Numbers, name: string, unit: (x: Tensor) => Tensor): Head {
  const [first, second, last] = [dense(next, 25_088, 4096), dense(next, 4096, 4096), dense(next, 4096, 1000)];
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
    activation: relu(activation(next, [1, 512, 14, 14])),
    head: (a) => last(unit(second(unit(first(reshape(maxPool(a, pool), [1, 25_088])))))),
  };
}

function convNeXtHead(next: Numbers): Head {
  const last = dense(next, 768, 1000);
  const [scale, bias] = [filled(next, [768], 1), filled(next, [768], 0.1)];
  return {
    name: 'ConvNeXt-T',
    activation: activation(next, [1, 768, 7, 7]),
    head: (a) => last(layerNorm(mean(a, [2, 3]), { scale, bias, epsilon: 1e-6 })),
  };
}

function efficientNetHead(next: Numbers): Head {
  const last = dense(next, 1280, 1000);
  return {
    name: 'EfficientNet-B0',
    activation: activation(next, [1, 1280, 7, 7]),
    head: (a) => last(mean(silu(a), [2, 3])),
  };
}

function mobileNetHead(next: Numbers): Head {
  const [first, last] = [dense(next, 960, 1280), dense(next, 1280, 1000)];
  return {
    name: 'MobileNetV3-L',
    activation: activation(next, [1, 960, 7, 7]),
    head: (a) => last(hardSwish(first(mean(a, [2, 3])))),
  };
}

function swinHead(next: Numbers): Head {
  const last = dense(next, 768, 1000);
  const [scale, bias] = [filled(next, [768], 1), filled(next, [768], 0.1)];
  return {
    name: 'Swin-T',
    activation: activation(next, [1, 7, 7, 768]),
    head: (a) => last(mean(layerNorm(a, { scale, bias, epsilon: 1e-5 }), [1, 2])),
  };
}

function vitHead(next: Numbers): Head {
  const [tokens, width, heads] = [197, 192, 3];
  const depth = width / heads;
  const [qkv, project, up, down, last] = [
    dense(next, width, 3 * width),
    dense(next, width, width),
    dense(next, width, 4 * width),
    dense(next, 4 * width, width),
    dense(next, width, 1000),
  ];
  const norms = [0, 1].map(() => ({
    scale: filled(next, [width], 1),
    bias: filled(next, [width], 0.1),
    epsilon: 1e-6,
  }));
  const stream = activation(next, [1, tokens, width]);
  const part = (x: Tensor, which: number) => {
    const at = new Int32Array(heads * tokens * depth);
    for (let h = 0, p = 0; h < heads; h++)
      for (let t = 0; t < tokens; t++)
        for (let d = 0; d < depth; d++) at[p++] = t * 3 * width + which * width + h * depth + d;
    return takeAt(x, at, [heads, tokens, depth]);
  };
  return {
    name: 'ViT-Ti',
    activation: activation(next, [1, tokens, width]),
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
export const heads: Readonly<Record<string, (next?: Numbers) => Head>> = {
  'vgg16-gelu': (next = normals) => vggHead(next, 'VGG-16 with GELU', gelu),
  vgg16: (next = normals) => vggHead(next, 'VGG-16', relu),
  resnet: (next = normals) => pooledHead(next, 'ResNet-50', 2048),
  squeezenet: (next = normals) => squeezeNetHead(next),
  mobilenetv2: (next = normals) => pooledHead(next, 'MobileNetV2', 1280),
  convnext: (next = normals) => convNeXtHead(next),
  efficientnet: (next = normals) => efficientNetHead(next),
  mobilenet: (next = normals) => mobileNetHead(next),
  vit: (next = normals) => vitHead(next),
  swin: (next = normals) => swinHead(next),
};
