import { create, toBinary } from '@bufbuild/protobuf';
import { typeNumbers } from '../layers/types.ts';
import { checkModelData } from '../model/data/checkModelData.ts';
import type { GraphNode, ModelData, ValueInfo } from '../model/data/format.ts';
import { InputError } from '../tensor/errors.ts';
import { ModelProtoSchema, type ValueInfoProto, ValueInfoProtoSchema } from './generated/onnx_pb.ts';
import { writeMetadata } from './metadata.ts';
import { domainOf, writeNode, writeTensor } from './writeNode.ts';

/** What protobuf, and so every reader of ONNX, takes in one message. */
const LARGEST = 2 ** 31 - 1;

/** First operator set of each version of the file format. Source: ONNX's table of released versions. */
const irVersions: readonly (readonly [opset: number, irVersion: bigint])[] = [
  [23, 11n],
  [21, 10n],
  [19, 9n],
  [15, 8n],
  [12, 7n],
  [11, 6n],
  [10, 5n],
  [9, 4n],
];
const irVersionOf = (opset: number): bigint => irVersions.find(([least]) => opset >= least)?.[1] ?? 3n;

function writeValue({ name, shape, dtype }: ValueInfo): ValueInfoProto {
  const dim = shape?.map((length) =>
    typeof length === 'string' ? { dimParam: length } : { dimValue: BigInt(length) },
  );
  const tensorType = { elemType: typeNumbers[dtype], ...(dim && { shape: { dim } }) };
  return create(ValueInfoProtoSchema, { name, type: { tensorType } });
}

/** Domains of operators that are not ONNX's own; their versions are not kept. */
function domainsOf(nodes: readonly GraphNode[]): string[] {
  return [...new Set(nodes.map(({ op }) => domainOf(op)))].filter((domain) => domain !== '');
}

/** Before file version 4 constants had to be listed among the inputs. */
function writtenInputs({ inputs, tensors, source }: ModelData): readonly ValueInfo[] {
  if (irVersionOf(source.opset) >= 4n) return inputs;
  return [...inputs, ...[...tensors].map(([name, { shape, dtype }]) => ({ name, shape, dtype }))];
}

/**
 * Model data as an ONNX file, with the operator set whose semantics its nodes have. Labels, preprocessing and the licence stand in its
 * `metadata_props`, as JSON under `jetgrad.labels`, `jetgrad.preprocessing` and `jetgrad.licence`; `importOnnx` reads them back.
 * @throws InputError for more than the 2 GiB that an ONNX file can hold, or operators whose subgraphs are gone.
 * @example
 * const { data } = await loadModel('weights/scenes-vgg.json');
 * importOnnx(exportOnnx(data)).nodes.length === data.nodes.length // true
 */
export function exportOnnx(model: ModelData): Uint8Array {
  checkModelData(model, 'write the model as ONNX');
  const { name, nodes, outputs, tensors, source } = model;
  const size = [...tensors.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (size >= LARGEST) {
    throw new InputError(
      `Cannot write the model as ONNX: its tensors have ${size} bytes, a file holds 2 GiB; save it as .json`,
    );
  }
  const proto = create(ModelProtoSchema, {
    irVersion: irVersionOf(source.opset),
    producerName: 'jetgrad',
    opsetImport: [
      { domain: '', version: BigInt(source.opset) },
      ...domainsOf(nodes).map((domain) => ({ domain, version: 1n })),
    ],
    metadataProps: writeMetadata(model),
    graph: {
      name: name || 'model', // ONNX wants one
      node: nodes.map((node) => writeNode(node, source.opset)),
      initializer: [...tensors].map(([key, stored]) => writeTensor(key, stored)),
      input: writtenInputs(model).map(writeValue),
      output: outputs.map(writeValue),
    },
  });
  return toBinary(ModelProtoSchema, proto);
}
