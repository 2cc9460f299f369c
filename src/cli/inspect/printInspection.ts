import { allLayers } from '../../layers/more.ts';
import type { ModelLayer } from '../../model/anatomy.ts';
import type { ModelData, Preprocessing, ValueInfo } from '../../model/data/format.ts';
import { formatLayout } from '../../model/graph/layout.ts';
import { modelOf } from '../../model/modelOf.ts';
import { checkOperations, unsupportedOperations } from '../../model/run/program.ts';
import { rest } from '../../tensor/drive.ts';
import { formatMagnitude } from '../../tensor/formatNumber.ts';
import { formatCount, formatTable } from '../shared/formatTable.ts';
import type { Io } from '../shared/io.ts';
import type { LimitFlags } from '../shared/limitOptions.ts';
import { readModelWith } from '../shared/openModel.ts';
import { type Inspection, inspectGraph, inspectModel } from './inspectModel.ts';

function shapeText({ shape }: { shape?: readonly (number | string)[] | undefined }): string {
  return shape === undefined ? '?' : `[${shape.join(', ')}]`;
}

function valueText({ name, dtype, shape }: ValueInfo): string {
  return `${name}  ${dtype} ${shapeText({ ...(shape && { shape }) })}`;
}

function preprocessingText(preprocessing: Preprocessing | undefined): string {
  if (preprocessing === undefined) return 'unknown; give --preprocess to explain';
  const { channels, scale, mean, std } = preprocessing;
  const inverse = Math.round(1 / scale);
  const scaled = scale === 1 ? 'byte' : 1 / inverse === scale ? `byte / ${inverse}` : `byte · ${scale}`;
  return `${channels}, (${scaled} − [${mean.join(', ')}]) / [${std.join(', ')}]`;
}

function headLines(data: ModelData, file: string): [string, string][] {
  const { producer, opset, licence } = data.source;
  return [
    ['model', `${data.name}  (${file})`],
    ...data.inputs.map((input): [string, string] => ['input', valueText(input)]),
    ...data.outputs.map((output): [string, string] => ['output', valueText(output)]),
    ['opset', `${opset}${producer === undefined ? '' : `, by ${producer}`}`],
    ...(licence === undefined ? [] : [['licence', licence] as [string, string]]),
    ['labels', data.labels === undefined ? 'none' : String(data.labels.length)],
    ['preprocessing', preprocessingText(data.inputs[0]?.preprocessing)],
  ];
}

const columns = [
  { title: '' },
  { title: 'index', align: 'right' },
  { title: 'name' },
  { title: 'operation' },
  { title: 'output' },
  { title: 'shape' },
  { title: 'layout' },
  { title: 'parameters', align: 'right' },
  { title: 'multiply-adds', align: 'right' },
] as const;

/** What the axes mean, where that is known, and whether its cells are read at all. */
const layoutText = ({ layout, reaches }: ModelLayer): string =>
  layout === undefined ? '' : `${formatLayout(layout)}${reaches ? '' : ', not read'}`;

function layerRows({ layers, defaultLayer }: Inspection): string[][] {
  return layers.map((layer) => [
    layer.tensor === defaultLayer ? '→' : layer.isCandidate ? '•' : '',
    String(layer.index),
    layer.name,
    layer.op,
    layer.tensor,
    shapeText(layer),
    layoutText(layer),
    layer.parameters === 0 ? '' : formatCount(layer.parameters),
    layer.multiplyAdds === 0 ? '' : formatCount(layer.multiplyAdds),
  ]);
}

function printText(found: Inspection, data: ModelData, { io, file }: { io: Io; file: string }): void {
  const { totals, defaultLayer } = found;
  for (const [name, text] of headLines(data, file)) io.print(`${io.colors.bold(name.padEnd(14))} ${text}`);
  io.print('');
  io.print(formatTable(columns, layerRows(found)));
  io.print('');
  io.print(
    `${found.layers.length} nodes, ${formatCount(totals.parameters)} parameters` +
      (totals.multiplyAdds === undefined ? '' : `, ${formatMagnitude(totals.multiplyAdds)} multiply-adds`),
  );
  if (defaultLayer !== null) {
    io.print(`→ ${defaultLayer} is explained by default: ${found.defaultLayerReason}`);
    io.print('• other candidates');
  } else if (found.unsupported.length === 0)
    io.print('no layer can be explained: none is a map that all paths cross');
}

export interface InspectFlags extends Pick<LimitFlags, 'maxMemory'> {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What `inspect` does. */
export async function printInspection(path: string, flags: InspectFlags, io: Io): Promise<void> {
  const { data, options } = await readModelWith(path, flags);
  await rest(io.signal);
  const missing = unsupportedOperations(data.nodes, allLayers).length > 0;
  const found = missing ? inspectGraph(data) : await inspectModel(modelOf(data, options), io.signal);
  await rest(io.signal);
  if (flags.json === true) io.print(JSON.stringify({ file: path, ...found }, null, 2));
  else printText(found, data, { io, file: path });
  checkOperations(data, allLayers);
}
