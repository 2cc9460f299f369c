import { create, toBinary } from '@bufbuild/protobuf';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sum } from '../../src/autodiff/operations.ts';
import { grad } from '../../src/autodiff/reverse.ts';
import { explain } from '../../src/cam/explain.ts';
import { allLayers, moreOperators } from '../../src/layers/more.ts';
import type { ModelData } from '../../src/model/data/format.ts';
import { parseModelData } from '../../src/model/file/parseModelData.ts';
import { serializeModel } from '../../src/model/file/serializeModel.ts';
import { createModel } from '../../src/model/model.ts';
import { evaluate, prepareProgram, unsupportedOperations } from '../../src/model/run/program.ts';
import {
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
} from '../../src/onnx/generated/onnx_pb.ts';
import { exportOnnx, importOnnx } from '../../src/onnx/index.ts';
import { limits } from '../../src/tensor/limits.ts';
import { contiguous, type Tensor, tensor } from '../../src/tensor/tensor.ts';

/** Graphs inside of nodes, from ONNX files on. */
const test = suite('control flow');

const BOOL = 9;
const FLOAT = 1;
const INT64 = 7;

const value = (name: string, elemType = FLOAT, shape?: readonly number[]) => ({
  name,
  type: {
    tensorType: {
      elemType,
      ...(shape && { shape: { dim: shape.map((length) => ({ dimValue: BigInt(length) })) } }),
    },
  },
});

const node = (op: string, inputs: string[], outputs: string[], graphs: Record<string, GraphProto> = {}) =>
  create(NodeProtoSchema, {
    opType: op,
    input: inputs,
    output: outputs,
    attribute: Object.entries(graphs).map(([name, g]) => ({
      name,
      type: 5,
      g: toBinary(GraphProtoSchema, g),
    })),
  });

const constant = (name: string, values: readonly number[], dataType = FLOAT, dims = [values.length]) =>
  create(TensorProtoSchema, {
    name,
    dataType,
    dims: dims.map(BigInt),
    rawData:
      dataType === FLOAT
        ? new Uint8Array(Float32Array.from(values).buffer)
        : dataType === BOOL
          ? Uint8Array.from(values)
          : new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  });

const graph = (
  nodes: ReturnType<typeof node>[],
  outputs: string[],
  { inputs = [], initializer = [] }: { inputs?: string[]; initializer?: ReturnType<typeof constant>[] } = {},
) =>
  create(GraphProtoSchema, {
    name: 'inner',
    node: nodes,
    input: inputs.map((name) => value(name)),
    output: outputs.map((name) => value(name)),
    initializer,
  });

/** A file of a network of x [2] that gives y. */
function file(
  nodes: ReturnType<typeof node>[],
  initializer: ReturnType<typeof constant>[] = [],
  shape = [2],
) {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ domain: '', version: 16n }],
      graph: {
        name: 'net',
        node: nodes,
        input: [value('x', FLOAT, shape)],
        output: [value('y')],
        initializer,
      },
    }),
  );
}

const squared = () => graph([node('Mul', ['x', 'x'], ['t'])], ['t']);
const scaled = () =>
  graph([node('Mul', ['x', 'k'], ['t'])], ['t'], { initializer: [constant('k', [3, -1])] });
const either = () => ({ then_branch: squared(), else_branch: scaled() });

const opsOf = ({ nodes }: ModelData) => nodes.map(({ op }) => op);

function gradientAt(data: ModelData, x: readonly number[]): number[] {
  const program = prepareProgram(data, 'float64', { layers: allLayers });
  const f = (at: Tensor) =>
    sum(
      evaluate(program, new Map([['x', { tensor: at, type: 'float32' as const }]]), ['y']).get('y')
        ?.tensor as Tensor,
    );
  return Array.from(contiguous(grad(f)(tensor([...x]))).data);
}

async function outputOf(data: ModelData, x: readonly number[]): Promise<number[]> {
  const { y } = await createModel(data, { operators: moreOperators }).run(tensor([...x]));
  return Array.from(contiguous(y).data);
}

test('a branch whose condition is a constant takes the place of its node, and the other one is gone', async () => {
  const taken = importOnnx(file([node('If', ['c'], ['y'], either())], [constant('c', [1], BOOL, [])]));
  assert.equal(opsOf(taken), ['Mul']);
  assert.equal([...taken.tensors.keys()], []);
  assert.equal(await outputOf(taken, [2, -5]), [4, 25]);
  const other = importOnnx(file([node('If', ['c'], ['y'], either())], [constant('c', [0], BOOL, [])]));
  assert.equal(await outputOf(other, [2, -5]), [6, 5]);
});

test('a condition that follows from shapes of the file is known before any picture, a branch in a branch, too', async () => {
  const nested = graph([node('If', ['long'], ['inner'], either())], ['inner']);
  const shape = [node('Shape', ['x'], ['s']), node('Greater', ['s', 'one'], ['long'])];
  const data = importOnnx(
    file(
      [...shape, node('If', ['long'], ['y'], { then_branch: nested, else_branch: scaled() })],
      [constant('one', [1], INT64)],
    ),
  );
  assert.equal(
    opsOf(data).filter((op) => op === 'If'),
    [],
  );
  assert.equal(await outputOf(data, [2, -5]), [4, 25]);
});

test('a condition on values is looked at when the network runs, and held for derivatives', async () => {
  const nodes = [
    node('ReduceSum', ['x'], ['total']),
    node('Greater', ['total', 'zero'], ['positive']),
    node('If', ['positive'], ['y'], either()),
  ];
  const data = importOnnx(file(nodes, [constant('zero', [0], FLOAT, [])]));
  assert.equal(opsOf(data), ['ReduceSum', 'Greater', 'If']);
  assert.equal(await outputOf(data, [3, -1]), [9, 1]);
  assert.equal(await outputOf(data, [-3, 1]), [-9, -1]);
  assert.equal(gradientAt(data, [3, -1]), [6, -2]);
  assert.equal(gradientAt(data, [-3, 1]), [3, -1]);
  const read = parseModelData(serializeModel(data).json);
  assert.equal(await outputOf(read, [-3, 1]), [-9, -1]);
  assert.throws(() => exportOnnx(data), /graphs inside If/);
});

test('an explanation says where the network goes on by values', async () => {
  const nodes = [
    node('Relu', ['x'], ['r']),
    node('GlobalAveragePool', ['r'], ['g']),
    node('Flatten', ['g'], ['z']),
    node('ReduceSum', ['z'], ['total']),
    node('Greater', ['total', 'zero'], ['positive']),
    node('If', ['positive'], ['y'], {
      then_branch: graph([node('Mul', ['z', 'z'], ['t'])], ['t']),
      else_branch: graph([node('Neg', ['z'], ['t'])], ['t']),
    }),
  ];
  const data = importOnnx(file(nodes, [constant('zero', [0], FLOAT, [])], [1, 2, 2, 2]));
  const model = createModel(data, { operators: moreOperators });
  const image = tensor([1, 2, 3, 4, 4, 3, 2, 0], [1, 2, 2, 2]);
  const { maps, warnings } = await explain(model, image, { layer: 'r', class: 0, methods: ['gradcam'] });
  assert.match(warnings.join(), /If "If_5" goes on by values/);
  // z_0² has the derivative 2 z_0 / 4 in each cell of channel 0, z_0 = 2.5.
  assert.equal(Array.from(contiguous(maps.gradcam.raw).data), [1.25, 2.5, 3.75, 5]);
});

const times = (count: number) => {
  const body = graph([node('Identity', ['go'], ['on']), node('Mul', ['v', 'x'], ['w'])], ['on', 'w'], {
    inputs: ['i', 'go', 'v'],
  });
  return importOnnx(
    file([node('Loop', ['n', '', 'x'], ['y'], { body })], [constant('n', [count], INT64, [])]),
  );
};

test('a loop is done as often as it says, and has the derivatives of all its steps', async () => {
  assert.equal(await outputOf(times(3), [2, -1]), [16, 1]);
  assert.equal(gradientAt(times(3), [2, -1]), [32, -4]);
  assert.equal(await outputOf(times(0), [2, -1]), [2, -1]);
});

test('a loop of too many steps is refused in words', async () => {
  const count = limits.unrolled.value + 1;
  try {
    await outputOf(times(count), [1, 1]);
    assert.unreachable();
  } catch (error) {
    assert.match(
      (error as Error).message,
      /Loop.*steps, and a loop that is written out, with the loops in it, may have/,
    );
  }
});

test('loops in loops count together', async () => {
  const inner = graph([node('Identity', ['go'], ['on']), node('Mul', ['v', 'x'], ['w'])], ['on', 'w'], {
    inputs: ['i', 'go', 'v'],
  });
  const outer = graph(
    [node('Identity', ['go1'], ['on1']), node('Loop', ['n', '', 'v1'], ['w1'], { body: inner })],
    ['on1', 'w1'],
    { inputs: ['i1', 'go1', 'v1'] },
  );
  const twice = (count: number) =>
    importOnnx(
      file([node('Loop', ['n', '', 'x'], ['y'], { body: outer })], [constant('n', [count], INT64, [])]),
    );
  assert.equal(await outputOf(twice(2), [2, -1]), [32, -1]);
  try {
    await outputOf(twice(100), [1, 1]);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /more than 8192 steps/);
  }
});

test('operators that are missing in a branch are named with the others', () => {
  const odd = graph([node('Odd', ['x'], ['t'])], ['t']);
  const branches = { then_branch: odd, else_branch: squared() };
  const data = importOnnx(file([node('Cast', ['x'], ['c']), node('If', ['c'], ['y'], branches)]));
  assert.equal(unsupportedOperations(data.nodes, allLayers), ['Odd']);
  assert.throws(() => createModel(data, { operators: moreOperators }), /no rule for the operation Odd/);
});

test('graphs may not be nested without end', () => {
  let inner = squared();
  for (let depth = 0; depth <= limits.graphs.value; depth++) {
    inner = graph([node('If', ['c'], ['t'], { then_branch: inner })], ['t']);
  }
  const bytes = file(
    [node('If', ['c'], ['y'], { then_branch: inner, else_branch: squared() })],
    [constant('c', [1], BOOL, [])],
  );
  assert.throws(() => importOnnx(bytes), /levels, and graphs inside of the nodes of a network may have/);
});

test('a model of constants alone runs, and is not split', async () => {
  const bytes = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ domain: '', version: 16n }],
      graph: {
        name: 'net',
        node: [node('Mul', ['k', 'k'], ['y'])],
        output: [value('y')],
        initializer: [constant('k', [2, 3])],
      },
    }),
  );
  const model = createModel(importOnnx(bytes));
  const { y } = await model.run({});
  assert.equal(Array.from(contiguous(y).data), [4, 9]);
  assert.throws(() => model.split('y'), /Cannot split the model net: it has no input/);
});

test.run();
