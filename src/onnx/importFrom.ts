import { fromBinary } from '@bufbuild/protobuf';
import { elementTypeOf } from '../layers/types.ts';
import type { ModelData, Preprocessing, StoredTensor, ValueInfo } from '../model/data/format.ts';
import { deferrable, tensorAt } from '../model/file/deferredTensor.ts';
import type { FileRange } from '../model/file/tensorFile.ts';
import { checkGraph } from '../model/graph/checkGraph.ts';
import { InputError } from '../tensor/errors.ts';
import { describeUnheld } from './elementTypes.ts';
import { foldBranches } from './foldBranches.ts';
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type ValueInfoProto,
} from './generated/onnx_pb.ts';
import { inlineFunctions } from './inlineFunctions.ts';
import { readMetadata } from './metadata.ts';
import { notOnnx } from './notOnnx.ts';
import type { ReadExternal } from './readExternal.ts';
import { operatorOf, readNodes } from './readNodes.ts';
import { type LargeBytes, readTensor } from './readTensor.ts';
import { rewriteNodes } from './rewriting/rewriteNodes.ts';
import { rewritings } from './rewriting/rewritings.ts';

/** What an ONNX file does not say, or something else in its place, and where its other files are. */
export interface ImportOptions {
  /** The model's name; the graph's own unless given. */
  readonly name?: string | undefined;
  /** The file that the bytes are from, for messages and the model's source. */
  readonly file?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly preprocessing?: Preprocessing | undefined;
  /** Gives bytes of files beside the model; a model whose tensors lie there is refused without it. */
  readonly readExternal?: ReadExternal | undefined;
}

function readValue({ name, type }: ValueInfoProto): ValueInfo {
  const tensor = type?.tensorType;
  const dtype = elementTypeOf(tensor?.elemType ?? 1) ?? 'float32';
  const shape = tensor?.shape?.dim.map(({ dimValue, dimParam }, axis) =>
    dimParam !== '' ? dimParam : dimValue > 0n ? Number(dimValue) : `dim_${axis}`,
  );
  return shape === undefined ? { name, dtype } : { name, shape, dtype };
}

/** Inputs of the graph that are not constants: old files list those too. */
function readInputs({ input }: GraphProto, tensors: ReadonlyMap<string, StoredTensor>): ValueInfo[] {
  return input
    .filter(({ name }) => !tensors.has(name))
    .map((proto) => {
      if (proto.type !== undefined && proto.type.tensorType === undefined) {
        throw new InputError(
          `input ${proto.name} is a sequence, a map or an optional value; jetgrad takes tensors alone`,
        );
      }
      const type = proto.type?.tensorType?.elemType ?? 0;
      if (type !== 0 && elementTypeOf(type) === undefined) {
        throw new InputError(`input ${proto.name} ${describeUnheld(type)}`);
      }
      return readValue(proto);
    });
}

/** Files of the first two format versions have no operator set: it is 1. */
const needsOpset = ({ irVersion }: ModelProto) => irVersion === 0n || irVersion >= 3n;

/** The operator set of ONNX's own domain: the model's, else the newest of its functions'. */
function opsetOf({ opsetImport, functions }: ModelProto): number {
  const own = (imports: ModelProto['opsetImport']) =>
    imports
      .filter(({ domain }) => domain === '' || domain === 'ai.onnx')
      .map(({ version }) => Number(version));
  const [version] = own(opsetImport);
  return version ?? functions.flatMap((fn) => own(fn.opsetImport)).reduce((a, b) => Math.max(a, b), 1);
}

function parse(bytes: Uint8Array): { model: ModelProto; graph: GraphProto } {
  let model: ModelProto | undefined;
  try {
    model = fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch {
    // Said below.
  }
  if (model?.graph === undefined || (model.opsetImport.length === 0 && needsOpset(model))) {
    throw new InputError(notOnnx(bytes));
  }
  const { graph } = model;
  if (graph.node.length === 0 || graph.output.length === 0) {
    throw new InputError('its graph has no nodes or no outputs; is the file cut short?');
  }
  if (graph.sparseInitializer.length > 0) {
    throw new InputError('it holds sparse tensors, which jetgrad does not read; export it with dense ones');
  }
  return { model, graph };
}

/** Where tensors are that are not in the bytes. */
export interface ImportSources extends ImportOptions {
  /** As `readExternal`, for tensors: memory that may be filled later. */
  readonly takeExternal?: ReadExternal | undefined;
  /** Ranges of a file, by the place of the tensor among the graph's. */
  readonly large?: ReadonlyMap<number, FileRange>;
}

function assemble(bytes: Uint8Array, sources: ImportSources): ModelData {
  const { name, file, readExternal, takeExternal = readExternal } = sources;
  const { model, graph } = parse(bytes);
  const said = readMetadata(model.metadataProps, file ?? name ?? 'the model');
  const { labels = said.labels, preprocessing = said.preprocessing } = sources;
  const tensors = new Map<string, StoredTensor>();
  const protos = inlineFunctions(graph, model.functions);
  const isDeferrable = deferrable(protos.map((node) => ({ op: operatorOf(node), inputs: node.input })));
  for (const [index, proto] of graph.initializer.entries()) {
    if (tensors.has(proto.name)) throw new InputError(`tensor ${proto.name} is there twice`);
    const range = sources.large?.get(index);
    const large: LargeBytes | undefined = range && {
      length: range.length,
      take: (outline) => tensorAt(range, outline, isDeferrable(proto.name, outline.dtype, range.length)),
    };
    tensors.set(proto.name, readTensor(proto, takeExternal, large));
  }
  const inputs = readInputs(graph, tensors);
  const outputs = graph.output.map(readValue);
  const fixed = new Set([...inputs, ...outputs].map((value) => value.name));
  const read = readNodes(protos, { fixed, tensors, readExternal, takeExternal });
  const nodes = rewriteNodes(read, tensors, rewritings);
  const data = {
    name: name ?? graph.name,
    inputs: inputs.map((input, i) => (i === 0 && preprocessing ? { ...input, preprocessing } : input)),
    outputs,
    ...(labels && { labels }),
    nodes,
    tensors,
    source: {
      ...(model.producerName && { producer: model.producerName }),
      opset: opsetOf(model),
      ...(file && { file }),
      ...(said.licence !== undefined && { licence: said.licence }),
    },
  };
  return foldBranches({ ...data, nodes: checkGraph(data) });
}

/** Reads, and says of what is refused where it is from. */
export function refusing<T>({ file, name }: ImportOptions, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError) || /^Cannot (read|use the preprocessing)/.test(error.message))
      throw error;
    throw new InputError(`Cannot read ${file ?? name ?? 'the model'}: ${error.message}`);
  }
}

/** @throws InputError as `importOnnx`. */
export const importFrom = (bytes: Uint8Array, sources: ImportSources): ModelData =>
  refusing(sources, () => assemble(bytes, sources));
