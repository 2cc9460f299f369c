import { number, numbers, text } from '../../layers/layer.ts';
import type { Attributes } from '../../model/data/format.ts';
import { InputError } from '../../tensor/errors.ts';
import type { Body, Rewriting, RewritingRow, RewritingRows } from './rewriteNodes.ts';

/** Attributes but for those of the activation. */
const without = (attributes: Attributes, prefix: string): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.startsWith(prefix)));

/** One number as a tensor: Clip takes its bounds so from operator set 11 on. */
const constant = ({ make }: Rewriting, value: number) =>
  make('Constant', [], { value: { dtype: 'float32', shape: [], values: [value] } });

/** Each activation that onnxruntime fuses, given its parameters in order. */
const activations: Readonly<Record<string, (node: Rewriting, x: string, p: readonly number[]) => Body>> = {
  Relu: (_, x) => ['Relu', [x]],
  Sigmoid: (_, x) => ['Sigmoid', [x]],
  Tanh: (_, x) => ['Tanh', [x]],
  LeakyRelu: (_, x, [alpha = 0.01]) => ['LeakyRelu', [x], { alpha }],
  HardSigmoid: (_, x, [alpha = 0.2, beta = 0.5]) => ['HardSigmoid', [x], { alpha, beta }],
  Clip: (node, x, [low, high]) => ['Clip', [x, constant(node, low), constant(node, high)]],
};

/** The activation behind a body, where there is one. */
function activated(node: Rewriting, [op, inputs, attributes]: Body, parameters: readonly number[]): Body {
  const name = text(node.attributes, 'activation', '');
  if (name === '') return [op, inputs, attributes];
  const activation = Object.hasOwn(activations, name) ? activations[name] : undefined;
  if (activation === undefined || (name === 'Clip' && parameters.length < 2)) {
    throw new InputError(
      `its activation must be ${Object.keys(activations).join(', ')} with its parameters, got ${name}; save the file without fusions`,
    );
  }
  return activation(node, node.make(op, inputs, attributes), parameters);
}

const fusedConv: RewritingRow = {
  inputs: [2, 4],
  becomes: 'Conv, Add, the activation',
  rewrite(node) {
    const { attributes, input, make } = node;
    const parameters = numbers(attributes, 'activation_params', []);
    const body: Body = ['Conv', [input(0), input(1), input(2)], without(attributes, 'activation')];
    if (input(3) === '') return activated(node, body, parameters);
    return activated(node, ['Add', [make(...body), input(3)]], parameters);
  },
};

const fusedGemm: RewritingRow = {
  inputs: [2, 3],
  becomes: 'Gemm, the activation',
  rewrite(node) {
    const { attributes, input } = node;
    const given = ['activation_alpha', 'activation_beta'].filter((name) => attributes[name] !== undefined);
    const parameters = given.map((name) => number(attributes, name, 0));
    return activated(
      node,
      ['Gemm', [input(0), input(1), input(2)], without(attributes, 'activation')],
      parameters,
    );
  },
};

/** An operator behind the sum of two inputs, where there is a second. */
const biased = (op: string): RewritingRow => ({
  inputs: [1, 2],
  becomes: `Add, ${op}`,
  rewrite: ({ input, make }) => [op, [input(1) === '' ? input(0) : make('Add', [input(0), input(1)])]],
});

/** A norm of input + skip + bias. Its fourth output is that sum. */
const skipping = (op: string, parameters: number): RewritingRow => ({
  inputs: [3, 3 + parameters],
  becomes: `Add twice, ${op}`,
  rewrite({ attributes, input, output, make }) {
    const bias = input(2 + parameters);
    const pair = [input(0), input(1)];
    const wanted = output(3);
    const sum =
      bias === '' ? make('Add', pair, {}, wanted) : make('Add', [make('Add', pair), bias], {}, wanted);
    const inputs = [sum, ...Array.from({ length: parameters }, (_, i) => input(2 + i))];
    const { epsilon = 1e-12 } = attributes;
    return [op, inputs, { axis: -1, epsilon }];
  },
});

const biasAdd: RewritingRow = {
  inputs: [3, 3],
  becomes: 'Add twice',
  rewrite: ({ input, make }) => ['Add', [make('Add', [input(0), input(1)]), input(2)]],
};

/** Operators that onnxruntime makes of several when it optimises a file, and which every operator set can say. */
export const fused: RewritingRows = {
  'com.microsoft.FusedConv': fusedConv,
  'com.microsoft.FusedGemm': fusedGemm,
  'com.microsoft.BiasAdd': biasAdd,
  'com.microsoft.BiasGelu': biased('com.microsoft.Gelu'),
  'com.microsoft.FastGelu': biased('com.microsoft.FastGelu'),
  'com.microsoft.SkipLayerNormalization': skipping('LayerNormalization', 2),
  'com.microsoft.SkipSimplifiedLayerNormalization': skipping('SimplifiedLayerNormalization', 1),
};
