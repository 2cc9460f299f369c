import { describeClass } from '../../../src/cam/matchClass.ts';
import { parseSelection } from '../../../src/cam/parseSelection.ts';
import { chooseEntries } from '../../../src/cam/select.ts';
import { parseFormats } from '../../../src/cli/explain/parseFormats.ts';
import { assignInputs } from '../../../src/cli/run/assignInputs.ts';
import { tensorFileNames } from '../../../src/cli/run/tensorFileNames.ts';
import { matchClasses } from '../../../src/cli/shared/chooseClasses.ts';
import { formatError } from '../../../src/cli/shared/formatError.ts';
import { formatTable } from '../../../src/cli/shared/formatTable.ts';
import { decimalNumber, oneOf, parseMethods, wholeNumber } from '../../../src/cli/shared/parseOptions.ts';
import { panelSvg } from '../../../src/image/panel.ts';
import { imageNames } from '../../../src/node/explanation/outputNames.ts';
import { renderSvg } from '../../../src/node/pictures/renderSvg.ts';
import { parseLabels } from '../../../src/node/readLabels.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { didYouMean } from '../../../src/tensor/nearest.ts';
import { command } from '../../cli/command.ts';
import { mutateBytes, mutateText } from './mutate.ts';
import { chance } from './odd.ts';
import type { FuzzReader } from './reader.ts';

interface TextReader {
  readonly name: string;
  readonly seeds: readonly string[];
  readonly read: (text: string) => unknown;
  readonly suiteInputs?: number;
}

function textReader({ seeds, read, ...row }: TextReader): FuzzReader {
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
  return {
    ...row,
    seeds: () => seeds.map((text) => encoder.encode(text)),
    mutate(random, seed) {
      if (chance(random, 0.2)) return mutateBytes(random, seed);
      return encoder.encode(mutateText(random, decoder.decode(seed)));
    },
    read: (bytes) => read(decoder.decode(bytes)),
  };
}

const lines = (...parts: readonly string[]) => parts.join('\n');
const labelled = [
  'n01440764 tench, Tinca tinca',
  'n00000002 crane',
  'n00000003 crane, machine',
  'Boxer',
  'd',
];

/** Everything that a list of labels or names from a file goes through. */
function useNames(names: readonly string[]): void {
  tensorFileNames(names);
  for (const [i, name] of names.slice(0, 100).entries()) describeClass(i, name);
  formatTable(
    [{ title: 'name' }, { title: 'n', align: 'right' }],
    names.map((name, i) => [name, String(i)]),
  );
  didYouMean(names[0], names.slice(1));
  formatError(new InputError(`Cannot use ${names[0]}: it is a name`));
}

/** A text of lines, the first for the picture's title, then those of captions; more of them are more pictures. */
function drawPanel(text: string): string {
  const [title, subtitle = '', low = '', high = '', ...captions] = text.split('\n');
  const png = new Uint8Array();
  const tiles = captions
    .slice(0, 8)
    .map((caption, i) => ({ png, width: 8 + i, height: 8, title: caption, detail: caption }));
  return panelSvg({ title, subtitle, tiles, scale: [low, high] });
}

/** Values of flags by their names, as commands read them: `sigma 0.15`. */
const flagValues: Readonly<Record<string, (text: string) => unknown>> = {
  sigma: decimalNumber('sigma', { least: 0 }),
  samples: wholeNumber('samples', { least: 1 }),
  threads: wholeNumber('threads', { least: 1, most: 16 }),
  score: oneOf('score', ['exp', 'prob', 'logprob', 'logit']),
  method: parseMethods,
  format: parseFormats,
  input: (text) => assignInputs(text.split(' '), [{ name: 'image' }, { name: 'a=b' }]),
  images: (text) => imageNames(text.split(' ')),
};

function readFlagValue(text: string): unknown {
  const flag = Object.keys(flagValues).find((name) => text.startsWith(`${name} `));
  if (flag === undefined) throw new InputError('no flag');
  return flagValues[flag](text.slice(flag.length + 1));
}

/** Lines `maps 3,17`, `region 0,0,7,14`, `neuron 1:2,3`. */
function readSelection(text: string): void {
  const given = (flag: string) =>
    text.split('\n').flatMap((line) => (line.startsWith(`${flag} `) ? [line.slice(flag.length + 1)] : []));
  const [[maps], [region], neurons] = [given('maps'), given('region'), given('neuron')];
  const entries = chooseEntries(parseSelection({ maps, region, neurons }), [16, 7, 7]);
  for (const k of entries.maps) entries.cells(k);
}

/** A command line, an argument a line; none of its files is there, so that nothing is computed or written. */
async function readCommandLine(text: string): Promise<void> {
  const { code, stderr } = await command(text.split('\n'));
  if (code === 0) return;
  if (code !== 2 || !/^error: [^\n]+\n$/.test(stderr)) throw new Error(`exit code ${code}: ${stderr}`);
  throw new InputError(stderr);
}

const explain = ['explain', '/nowhere/a.png', '--model', '/nowhere/m.onnx'];
const choices = ['--layer', 'relu', '--class', 'boxer,2', '--method', 'gradcam,gradcam++', '--score', 'prob'];
const numbers = ['--samples', '3', '--sigma', '0.2', '--seed', '7', '--numerator', 'first', '--quiet'];
const entries = ['--maps', 'top:3', '--neuron', '1:2,3', '--region', '0,0,2,2'];

export const textReaders: readonly FuzzReader[] = [
  textReader({
    name: 'labels',
    seeds: [
      lines(...labelled),
      lines('0: tench', '1: crane', '2, dog', '3 cat', ''),
      lines('1 tench', '2 crane', '3 dog').replaceAll('\n', '\r\n'),
      JSON.stringify(labelled),
      '{"0": "tench", "1": "crane"}',
      '{"0": ["n01440764", "tench"], "1": ["n00000002", "crane"]}',
      `a${' '.repeat(1000)}b\n`,
    ],
    read: (text) => useNames(parseLabels(text, 'labels.txt')),
  }),
  textReader({
    name: 'names',
    seeds: [
      lines('conv_1', 'relu:0', 'Relu:0', 'z/out'),
      lines('input', 'b', '', 'Add 3'),
      '__proto__\nconstructor',
    ],
    read: (text) => useNames(text.split('\n')),
  }),
  textReader({
    name: 'class',
    seeds: [
      lines('boxer,2,tench', ...labelled),
      lines('Tinca tinca,crane, machine', ...labelled),
      lines(Array.from({ length: 300 }, (_, i) => i % 5).join(), ...labelled),
      lines('n01440764 tench, Tinca tinca', ...labelled),
      lines('1,4,0'),
    ],
    read(text) {
      const [wanted, ...labels] = text.split('\n');
      return matchClasses(wanted, {
        labels: labels.length > 0 ? labels : undefined,
        count: labels.length || 5,
      });
    },
  }),
  textReader({
    name: 'selection',
    seeds: [
      'maps 3,1,15',
      'maps top:8',
      'region 0,0,7,7',
      lines('maps top:3', 'region 1,2,3,4', 'neuron 1:2,3', 'neuron 15:6,6', 'neuron 0:0,0'),
    ],
    read: readSelection,
  }),
  textReader({
    name: 'flags',
    seeds: [
      ...['sigma 0.15', 'samples 25', 'threads 2', 'score prob', 'method all', 'method gradcam,smoothgrad'],
      ...['format png,npy', 'input image=x.npy a=b=y.npy', 'images a/b.png c.jpg d'],
    ],
    read: readFlagValue,
  }),
  textReader({
    name: 'command',
    seeds: [
      lines(...explain),
      lines(...explain, ...choices, ...numbers),
      lines(
        ...explain,
        ...entries,
        '--preprocess',
        'unit',
        '--format',
        'png,npy',
        '--labels',
        '/nowhere/l.txt',
      ),
      lines(
        'diagonal',
        '/nowhere/m.onnx',
        '--input',
        '/nowhere/x.npy',
        '--layer',
        '3',
        '--order',
        '2',
        '--plan',
        'list',
      ),
      lines(
        'run',
        '/nowhere/m.json',
        '--input',
        'x=/nowhere/x.npy',
        '--out',
        '/nowhere/out',
        '--threads',
        '2',
      ),
      lines('convert', '/nowhere/m.onnx', '/nowhere/m.json'),
      lines('inspect', '/nowhere/m.onnx', '--json'),
      lines('help', 'explain'),
    ],
    read: readCommandLine,
    suiteInputs: 200,
  }),
  textReader({
    name: 'panel',
    seeds: [
      lines('242 boxer', 'scenes-vgg, layer relu_2', 'low', 'high', 'picture', 'Grad-CAM', 'Grad-CAM++'),
      lines('é ü 漢字 😀', 'العربية', '<b>&"', "'", 'x'.repeat(300), 'a\u0301'.repeat(50)),
    ],
    read: drawPanel,
  }),
  textReader({
    name: 'drawn-panel',
    seeds: [
      lines('242 boxer', 'scenes-vgg', 'low', 'high', 'picture'),
      lines('é 漢字 😀', '<b>&"', 'a', 'b', 'c', 'd'),
    ],
    read: (text) => renderSvg(drawPanel(text)),
    suiteInputs: 20,
  }),
];
