import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain, explainClasses } from '../../../src/cam/explain.ts';
import type { Explanation } from '../../../src/cam/explanation.ts';
import { preprocessFor } from '../../../src/image/preprocessFor.ts';
import { createModel } from '../../../src/model/model.ts';
import { saveExplanation } from '../../../src/node/explanation/saveExplanation.ts';
import type { SaveExplanationOptions } from '../../../src/node/explanation/saveOptions.ts';
import { loadModel } from '../../../src/node/loadModel.ts';
import { loadPicture } from '../../../src/node/pictures/pictureFiles.ts';
import { command, createFolder, network, readJson } from '../../cli/command.ts';

const test = suite('saveExplanation');
const { at, modelFile, pictureFile } = createFolder();
const file = modelFile('small.json');
const image = pictureFile('wide.png', 12, 8);
const model = await loadModel(file);
const picture = await loadPicture(image);
const { input } = preprocessFor(model, picture);
const one = await explain(model, input, { methods: ['gradcam'] });
const options = { model, image, draw: ['overlay'] } as const;

interface Manifest {
  readonly images: readonly (Record<string, unknown> & { readonly choices: object })[];
}

/** A manifest without what the command says of its arguments and of the time it took. */
function withoutArguments({ images, ...head }: Manifest & Record<string, unknown>) {
  const plain = ({
    seconds: _,
    run: _run,
    model: _model,
    choices,
    ...entry
  }: Manifest['images'][number]) => ({
    ...entry,
    choices: { ...choices, derivatives: undefined },
  });
  return { ...head, run: undefined, model: undefined, warnings: [], images: images.map(plain) };
}

function compare(name: string, got: readonly string[]): void {
  const [wanted, own] = [at(`${name}-command`), at(name)];
  const files = readdirSync(wanted).sort();
  assert.equal(readdirSync(own).sort(), files);
  assert.equal([...got].sort(), files.map((each) => join(own, each)).sort());
  assert.is(got.at(-1), join(own, 'manifest.json'));
  for (const each of files) {
    if (each !== 'manifest.json')
      assert.ok(readFileSync(join(wanted, each)).equals(readFileSync(join(own, each))), each);
  }
  const manifest = (folder: string) => withoutArguments(readJson(join(folder, 'manifest.json')));
  assert.equal(manifest(own), manifest(wanted));
}

async function byCommand(name: string, ...flags: readonly string[]): Promise<void> {
  const argv = [
    'explain',
    image,
    '--model',
    file,
    ...flags,
    '--samples',
    '3',
    '--out',
    at(`${name}-command`),
  ];
  const { code, stderr } = await command(argv);
  assert.is(code, 0, stderr);
}

test('writes what the command writes, byte for byte', async () => {
  await byCommand('plain', '--format', 'png,svg,npy,json');
  const found = await explain(model, input, { samples: 3, derivatives: 'all' });
  const format = ['png', 'svg', 'npy', 'json'] as const;
  compare('plain', await saveExplanation(at('plain'), found, { model, image, format }));
});

test('derivatives that no method read are taken for arrays', async () => {
  const found = await explain(model, input, { samples: 3 });
  const format = ['npy'] as const;
  for (const path of await saveExplanation(at('read'), found, { model, image, format })) {
    const wanted = readFileSync(path.replace(at('read'), at('plain')));
    if (!path.endsWith('manifest.json')) assert.ok(wanted.equals(readFileSync(path)), path);
  }
});

test('classes, selections, differences and all that is drawn, too', async () => {
  // Two that are not 0.
  const { activation } = one.evidence.gradcam;
  const isOn = (k: number, y: number, x: number) => activation.data[64 * k + 8 * y + x] > 0;
  const cells = [0, 2, 3]
    .flatMap((k) => [3, 4, 5].flatMap((y) => [2, 3, 4].map((x) => ({ k, y, x }))))
    .filter(({ k, y, x }) => isOn(k, y, x))
    .slice(0, 2);
  const flags = {
    ...{ method: 'gradcam,gradcam++', class: 'dog,ant,dog-ant', size: '40', opacity: '0.7', box: '0.3' },
    ...{ maps: '0,2,3', region: '1,1,7,7', difference: 'gradcam++-gradcam,dog-ant' },
  };
  const found = await explainClasses(model, input, {
    ...{ classes: ['dog', 'ant', { of: 'dog', against: 'ant' }], methods: ['gradcam', 'gradcam++'] },
    ...{ samples: 3, derivatives: 'all' },
    select: { maps: [0, 2, 3], region: { y0: 1, x0: 1, y1: 7, x1: 7 }, neurons: cells },
  });
  for (const { name, format, draw, colormap } of [
    { name: 'png', format: ['png', 'npy'], draw: ['overlay', 'raw', 'crop'], colormap: 'lagoon' },
    { name: 'svg', format: ['svg'], draw: ['panel', 'grid'], colormap: 'ember' },
  ] as const) {
    const drawn = { format: format.join(), draw: draw.join(), colormap };
    await byCommand(
      name,
      ...Object.entries({ ...flags, ...drawn }).flatMap(([flag, value]) => [`--${flag}`, value]),
      ...['--contours', '--common-scale', ...cells.flatMap(({ k, y, x }) => ['--neuron', `${k}:${y},${x}`])],
    );
    const files = await saveExplanation(at(name), found, {
      ...{ model, image, format, draw, colormap },
      ...{ size: 40, opacity: 0.7, contours: true, box: 0.3, commonScale: true },
      differences: { methods: [['gradcam++', 'gradcam']], classes: [[3, 0]] },
    });
    compare(name, files);
  }
});

test('a class that was asked for is in the names, a predicted one is not', async () => {
  const asked = await explain(model, input, { class: one.classIndex, methods: ['gradcam'] });
  const names = async (folder: string, found: Explanation) => {
    await saveExplanation(at(folder), found, options);
    return readdirSync(at(folder)).sort();
  };
  assert.equal(await names('predicted', one), ['manifest.json', 'wide.gradcam.png']);
  assert.equal(await names('asked', asked), ['manifest.json', `wide.c${one.classIndex}.gradcam.png`]);
});

test('a folder gathers pictures, also of calls at one time, and replaces what is its own', async () => {
  const named = ['a', 'b.c', 'd'].map((name) => ({ ...options, image: picture, name }));
  await Promise.all(named.map((each) => saveExplanation(at('many', 'deep'), one, each)));
  await saveExplanation(at('many', 'deep'), one, named[1]);
  const { images } = readJson<Manifest>(at('many', 'deep', 'manifest.json'));
  assert.equal(images.map(({ image }) => image).sort(), ['a', 'b.c', 'd']);
  assert.equal(images.map(({ name }) => name).filter(Boolean), ['b.c']);
  await saveExplanation(at('many', 'deep'), one, { ...options, name: 'd', colormap: 'gray' });
  const after = readJson<Manifest>(at('many', 'deep', 'manifest.json')).images;
  assert.equal(after.map(({ image }) => image).sort(), ['a', 'b.c', image].sort());
  assert.equal(readdirSync(at('many', 'deep')).length, 4);
});

const refusal = (found: unknown, given: object = {}, folder = at('refused')) =>
  saveExplanation(folder, found as Explanation, { ...options, ...given } as SaveExplanationOptions).then(
    () => '',
    ({ name, message }: Error) => `${name}: ${message}`,
  );

test('what is not of explanations stays, unless it is to be replaced', async () => {
  mkdirSync(at('foreign'));
  writeFileSync(at('foreign', 'manifest.json'), '{"name": "an app"}');
  assert.match(
    await refusal(one, {}, at('foreign')),
    /foreign.manifest\.json is there already, and is none of explanations; choose another folder or name, or give the option replace: true/,
  );
  assert.equal(readJson(at('foreign', 'manifest.json')), { name: 'an app' });
  mkdirSync(at('own'));
  writeFileSync(at('own', 'wide.gradcam.png'), 'mine');
  assert.match(
    await refusal(one, {}, at('own')),
    /^InputError: .*wide\.gradcam\.png is there already, and manifest\.json does not tell of it/,
  );
  assert.equal(readdirSync(at('own')), ['wide.gradcam.png']);
  await saveExplanation(at('own'), one, { ...options, replace: true });
  await saveExplanation(at('own'), one, options);
  assert.is.not(readFileSync(at('own', 'wide.gradcam.png'), 'latin1'), 'mine');
});

for (const [given, message] of [
  [{ format: ['gif'] }, /format has no "gif"; there are svg, png, npy, json/],
  [{ format: [] }, /format has no ""; there are svg/],
  [{ draw: ['panels'] }, /draw has no "panels"; did you mean "?panel/],
  [{ colormap: 'tide' }, /colormap has no "tide"/],
  [{ size: 4 }, /size must be from 16 to 8192, got 4/],
  [{ size: 20.5 }, /whole number of pixels/],
  [{ opacity: Number.NaN }, /opacity must be from 0 to 1, got NaN/],
  [
    { format: ['npy'], draw: ['overlay'] },
    /Cannot use draw: no pictures are written; add png or svg to format/,
  ],
  [{ draw: ['raw'], contours: true }, /Cannot use contours: no map is drawn over the photograph/],
  [
    { commonScale: true },
    /Cannot use commonScale.*explain several by explainClasses, such as classes: \[242, 282\]/,
  ],
  [
    { differences: { methods: [['gradcam', 'layercam']] } },
    /gradcam-layercam: layercam does not run; add it to methods/,
  ],
  [{ differences: { methods: ['gradcam'] } }, /each is two methods or classes/],
  [{ differences: { classes: [[0, 1]] } }, /is not among those explained; explain both by explainClasses/],
  [{ name: 'a/b' }, /without folders, got/],
  [{ image: picture }, /a picture that is given itself needs a name; give the option name/],
  [{ image: at('none.png') }, /none\.png/],
  [{ formats: ['png'] }, /no option "formats"; did you mean "?format/],
  [{ preprocessing: 'imagnet' }, /imagnet.*imagenet, unit, bytes/],
  [{ model: {} }, /the model must come from loadModel/],
] as const) {
  test(`refuses ${JSON.stringify(given).slice(0, 60)}`, async () => {
    const got = await refusal(one, given);
    assert.match(got, message);
    assert.match(got, /^InputError: Cannot /);
    assert.not(existsSync(at('refused')));
  });
}

test('refuses what is no explanation, and two of one class', async () => {
  assert.match(await refusal(one, { image: undefined }), /give the option image: the path of the picture/);
  assert.match(await refusal(one, { model: undefined }), /give the option model: that which was explained/);
  await saveExplanation(at('refused'), one, undefined as never).then(
    () => assert.unreachable(),
    ({ message }) =>
      assert.match(message, /Cannot save the explanation: options must be a record, got nothing/),
  );
  assert.match(await refusal([]), /the list is empty/);
  assert.match(await refusal({}), /it must come from explain, explainClasses or explainAll/);
  assert.match(await refusal([one, one]), /two are of class \d; give it once/);
  assert.match(await refusal(one, {}, join(image, 'x')), /wide\.png is a file/);
});

test('a model that scales pictures itself is drawn and explained as the command does', async () => {
  const { inputs, nodes, tensors, ...rest } = network;
  const bytes = new Uint8Array(new Float32Array([1 / 255]).buffer);
  const scaled = {
    ...{ ...rest, inputs: [{ ...inputs[0], name: 'raw', preprocessing: undefined }] },
    nodes: [
      { name: 'scale', op: 'Mul', inputs: ['raw', 'by'], outputs: ['image'], attributes: {} },
      ...nodes,
    ],
    tensors: new Map([...tensors, ['by', { dtype: 'float32' as const, shape: [1], bytes }]]),
  };
  const { preprocessing: _, ...bare } = scaled.inputs[0];
  const itself = createModel({ ...scaled, inputs: [bare] });
  const prepared = preprocessFor(itself, picture).input;
  assert.equal(prepared.data, preprocessFor(itself, picture, 'bytes').input.data);
  const found = await explain(itself, prepared, { methods: ['gradcam'] });
  await saveExplanation(at('itself'), found, { ...options, model: itself });
  const { images } = readJson<Manifest>(at('itself', 'manifest.json'));
  assert.is((images[0].preprocessing as { name: string }).name, 'bytes');
});

test.run();
