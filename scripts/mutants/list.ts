/** A fault to plant: in `file`, what stands there once becomes something else. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly put: string;
  /** Whether the kernels are to be compiled anew. */
  readonly kernels?: boolean;
}

/** Faults that nothing but a test would notice: each compiles, and gives a number, a picture or a list without a word. */
export const mutants: readonly Mutant[] = [
  {
    name: 'a forward value that is wrong by 1e-9 in a tail',
    file: 'src/autodiff/primitives/errorFunction.ts',
    find: 'return (Math.exp(-h * h - 0.5625) * Math.exp((h - x) * (h + x) + r)) / x;',
    put: 'return ((1 + 1e-9) * Math.exp(-h * h - 0.5625) * Math.exp((h - x) * (h + x) + r)) / x;',
  },
  {
    name: 'a row that no operation applies',
    file: 'src/autodiff/primitives/special.ts',
    find: 'export const erf = (x: Operand)',
    put: "export const strayRow = { ...erfRow, name: 'stray' };\n\nexport const erf = (x: Operand)",
  },
  {
    name: 'an operator that is said to keep images apart, and does not',
    file: 'src/layers/reductions.ts',
    find: 'images: alongOther,',
    put: 'images: (node) => alongOther(node) || true,',
  },
  {
    name: 'a steering input that is forgotten',
    file: 'src/layers/shaping.ts',
    find: "  Reshape: {\n    affine: 'first',\n    ...wholeMap,\n    steeredFrom: 1,",
    put: "  Reshape: {\n    affine: 'first',\n    ...wholeMap,",
  },
  {
    name: 'a query that looks at a key behind it',
    file: 'src/layers/attention.ts',
    find: '-behind <= right',
    put: '-behind <= right + 1',
  },
  {
    name: 'a coordinate whose derivative is forgotten',
    file: 'src/layers/sampling.ts',
    find: 'filter.weights(sub(each, before[axis]))',
    put: 'filter.weights(sub(concrete(each), before[axis]))',
  },
  {
    name: 'a method that is skipped',
    file: 'src/cam/explanation.ts',
    find: 'for (const name of choices.methods) {',
    put: "for (const name of choices.methods.filter((each) => each !== 'layercam')) {",
  },
  {
    name: 'a file that is listed and not written',
    file: 'src/cli/explain/explainImages.ts',
    find: 'stage.write(written, content);',
    put: "if (!written.endsWith('.panel.png')) stage.write(written, content);",
  },
  {
    name: 'a Taylor recurrence that is wrong at order 5 only',
    file: 'src/autodiff/coefficients.ts',
    find: 'for (let j = from; j <= to; j++)',
    put: 'for (let j = k === 5 && from === 1 ? 2 : from; j <= to; j++)',
  },
  {
    name: 'a tie that goes to the last entry',
    file: 'src/tensor/kernels/reference/pool.ts',
    find: 'if (best < 0 || data[at] > data[best] || Number.isNaN(data[at])) {',
    put: 'if (best < 0 || data[at] >= data[best] || Number.isNaN(data[at])) {',
  },
  {
    name: 'an α with ε',
    file: 'src/cam/plusPlus.ts',
    find: 'const denominator = 2 * d2 + curvature;',
    put: 'const denominator = 2 * d2 + curvature + 1e-7;',
  },
  {
    name: "a sample's weight that is dropped under the mean",
    file: 'src/cam/accumulateEvidence.ts',
    find: 'means[i].add(x, Math.exp(logScale - common));',
    put: 'means[i].add(x, 1);',
  },
  {
    name: 'a kernel that forgets the padding mask',
    file: 'src/tensor/kernels/assembly/product.ts',
    find: 'const mask = column + 8 >= p.columns ? p.mask : 0;',
    put: 'const mask: usize = 0;',
    kernels: true,
  },
  {
    name: 'a shape rule that is off by one',
    file: 'src/tensor/kernels/reference/pool.ts',
    find: 'return (starts ? steps : steps - 1) + 1;',
    put: 'return (starts ? steps : steps - 1) + 2;',
  },
  {
    name: 'a saturated value that has a derivative',
    file: 'src/autodiff/primitives/staircase.ts',
    find: 'value > above && value < below',
    put: 'value >= above && value < below',
  },
  {
    name: 'a half between two narrow floats that is rounded up',
    file: 'src/tensor/smallFloats.ts',
    find: '(rest === 0.5 && whole % 2 === 1)',
    put: 'rest === 0.5',
  },
  {
    name: 'a cast by the tables of older operator sets',
    file: 'src/tensor/smallFloats.ts',
    find: 'opset >= NEWER_TABLES',
    put: 'opset > 1000',
  },
  {
    name: 'a zero point that is left out when a quantised operator is read',
    file: 'src/onnx/rewriting/quantised.ts',
    find: '[input(i), input(i + 1), input(i + 2)], attributes);',
    put: '[input(i), input(i + 1)], attributes);',
  },
  {
    name: 'a class token that is drawn as the first cell of the grid',
    file: 'src/model/graph/layout.ts',
    find: "layout.kind === 'NTC' ? layout.prefix * channels : 0",
    put: "layout.kind === 'NTC' ? 0 : 0",
  },
  {
    name: 'a side that was rolled and is taken for one that was not',
    file: 'src/autodiff/places/joined.ts',
    find: 'const start = values[0] % whole;',
    put: 'const start = 0;',
  },
  {
    name: 'cells that are gathered, of which only the first is said to be read',
    file: 'src/autodiff/places/reach.ts',
    find: 'return without(mask, path.axes);',
    put: 'return mask;',
  },
];
