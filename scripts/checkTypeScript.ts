/**
 * Type-checks consumers of the packed package with each TypeScript that is supported: `npm run check:typescript -- [5.0 7]`. Every entry,
 * as modules and as CommonJS, with and without the types of Node and of pages, and nothing skipped. Compilers are installed into
 * node_modules/.cache. The last line is `N passed, N failed, N skipped`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Consumer, createConsumer, kept, root } from './consumer.ts';
import { createReport } from './report.ts';

const VERSIONS = ['5.0', '5.2', '5.4', '5.6', '5.9', '6.0', '7.0'];
/** TypeScript 5.0 does not read the types of Node of today. */
const nodeTypes = (version: string) => `@types/node@20${Number(version) < 5.2 ? '.11.30' : ''}`;

const versions = process.argv.length > 2 ? process.argv.slice(2) : VERSIONS;
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object };
const entries = Object.keys(exports)
  .filter((name) => !/[*]|json$/.test(name))
  .map((name) => `jetgrad${name.slice(1)}`);

const work = `
type Tensor = import('jetgrad').Tensor;
const f = (x: Tensor): Tensor => exp(sum(x));
const g: Tensor = grad(f)(tensor([1, 2]));
const slopes = grad((x) => sum(x))([1, 2]).data;
const { d3 } = diagonal(f, tensor([1, 2]), { order: 3 });
const total: number = d3.data.reduce((a: number, b: number) => a + b, slopes[0]);
const doubled: Float64Array | Float32Array = g.data.map((x) => 2 * x);
const most = g.data.subarray(0, 1).reduce((a, b) => Math.max(a, b));
const text = g.data.filter((x) => x > 0).reduce((line, x) => line + x, '');
const ends = g.data instanceof Float64Array ? [...g.data.slice(1)] : g.data.length;
const picture = pictureOf({ width: 1, height: 1, data: new Uint8ClampedArray(4) });
const map = async (model: import('jetgrad').Model) =>
  (await explain(model, g, { methods: ['smoothgradcam++'] })).maps['smoothgradcam++'].normalized;
const read = (bytes: Uint8Array) => importOnnx(bytes).nodes.length;
`;
const listed = (names: readonly string[], line: (name: string, i: number) => string) =>
  names.map(line).join('\n');

const modules = (names: readonly string[]) => `
import { diagonal, exp, explain, grad, sum, tensor } from 'jetgrad';
import { pictureOf } from 'jetgrad/image';
import { importOnnx } from 'jetgrad/onnx';
${listed(names, (name, i) => `import * as entry${i} from '${name}';`)}
${work}
export const all = [total, doubled, most, text, ends, picture, map, read];
export const entries = [${listed(names, (_, i) => `entry${i},`)}];
`;
// The compiler knows that modules can be required since 5.8: before, CommonJS imports them like this.
const commonJs = (names: readonly string[]) => `
async function load() {
  const { diagonal, exp, explain, grad, sum, tensor } = await import('jetgrad');
  const { pictureOf } = await import('jetgrad/image');
  const { importOnnx } = await import('jetgrad/onnx');
  ${work.replace("import('jetgrad').Tensor", 'ReturnType<typeof exp>').replace("import('jetgrad').Model", 'Parameters<typeof explain>[0]')}
  return [total, doubled, most, text, ends, picture, map, read, ${listed(names, (name) => `await import('${name}'),`)}];
}
export = load;
`;
const contents = { 'consumer.ts': modules, 'consumer.cts': commonJs, 'required.cts': modules };

interface Setting {
  readonly name: string;
  readonly file: keyof typeof contents;
  readonly options: object;
  readonly types: readonly ('dom' | 'node')[];
  /** The first compiler that has it. */
  readonly from?: number;
}

const nodeNext = { module: 'NodeNext', moduleResolution: 'NodeNext' };
const bundler = { module: 'ESNext', moduleResolution: 'Bundler' };
const settings: readonly Setting[] = [
  { name: 'NodeNext', file: 'consumer.ts', options: nodeNext, types: ['node'] },
  { name: 'NodeNext', file: 'consumer.ts', options: nodeNext, types: [] },
  { name: 'NodeNext', file: 'consumer.ts', options: nodeNext, types: ['dom', 'node'] },
  { name: 'bundler', file: 'consumer.ts', options: bundler, types: ['dom'] },
  { name: 'bundler', file: 'consumer.ts', options: bundler, types: [] },
  { name: 'CommonJS', file: 'consumer.cts', options: nodeNext, types: ['node'] },
  { name: 'CommonJS', file: 'consumer.cts', options: nodeNext, types: [] },
  { name: 'CommonJS by require', file: 'required.cts', options: nodeNext, types: [], from: 5.8 },
];

const report = createReport();

function check(consumer: Consumer, version: string, { name, file, options, types }: Setting): void {
  const title = `TypeScript ${version}, ${name}, ${types.join(' and ') || 'neither dom nor node'}`;
  const compilerOptions = {
    ...options,
    target: 'ES2022',
    lib: ['ES2022', ...(types.includes('dom') ? ['DOM'] : [])],
    types: types.filter((each) => each === 'node'),
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  // Pages are nothing without the types of pages.
  const names = entries.filter((entry) => types.includes('dom') || entry !== 'jetgrad/page');
  consumer.write(file, contents[file](names));
  consumer.write('tsconfig.json', { compilerOptions, files: [file] });
  const compiler = join(kept('typescript', version), 'bin/tsc');
  try {
    consumer.run(process.execPath, compiler, '-p', '.', '--pretty', 'false');
    report.check(title, true, 'clean');
  } catch (error) {
    const lines = (error as Error).message.split('\n').filter((line) => line.includes('error TS'));
    report.check(title, false, [`${lines.length} errors`, ...lines.slice(0, 4)].join('\n     '));
  }
}

for (const version of versions) {
  await report.guard(`TypeScript ${version}`, () => {
    const consumer = createConsumer('typescript', nodeTypes(version));
    try {
      for (const setting of settings) {
        if (Number(version) >= (setting.from ?? 0)) check(consumer, version, setting);
      }
    } finally {
      consumer.remove();
    }
  });
}
report.close();
