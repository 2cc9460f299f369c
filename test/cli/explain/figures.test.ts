import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { methodNames } from '../../../src/cam/more/methodTable.ts';
import { type Drawing, drawings, formats } from '../../../src/node/explanation/figure.ts';
import { explanationFiles, pictureFiles } from '../../../src/node/explanation/outputNames.ts';
import { decodePicture } from '../../../src/node/pictures/decodePicture.ts';
import { decodeNpy } from '../../../src/tensor/npy.ts';
import { close } from '../../support/check.ts';
import { command, createFolder, readJson } from '../command.ts';

const test = suite('figures of jetgrad explain');
const { at, modelFile, pictureFile } = createFolder();
const model = modelFile('small.json');
const wide = pictureFile('wide.png', 12, 8);
const base = ['explain', wide, '--model', model, '--samples', '2', '--quiet'];

const files = (name: string) => readdirSync(at(name)).sort();
const text = (...parts: string[]) => readFileSync(at(...parts), 'utf8');
const sides = (...parts: string[]) => {
  const { width, height } = decodePicture(readFileSync(at(...parts)), parts.join('/'));
  return [width, height];
};
interface Entry {
  readonly files: readonly string[];
  readonly drawn: Record<string, { upTo: number; box?: Record<string, number> }>;
  readonly methods: Record<string, { maximum: number }>;
}
const entries = (name: string) => readJson<{ images: Entry[] }>(at(name, 'manifest.json')).images;

async function draw(name: string, ...flags: readonly string[]): Promise<void> {
  const { code, stderr } = await command([...base, ...flags, '--out', at(name)]);
  assert.is(code, 0, stderr);
}

test('svg writes panels whose text is text', async () => {
  await draw('svg', '--format', 'svg');
  assert.equal(files('svg'), ['manifest.json', 'wide.panel.svg']);
  const svg = text('svg', 'wide.panel.svg');
  for (const word of ['Grad-CAM++', 'wide.png', 'SmoothGrad', '99th percentile'])
    assert.ok(svg.includes(word), word);
  assert.is(svg.match(/<image /g)?.length, 5);
});

test('maps alone and the network’s crop have its size, or the one asked for', async () => {
  await draw('raw', '--method', 'gradcam', '--draw', 'raw,crop');
  assert.equal(files('raw'), ['manifest.json', 'wide.crop.png', 'wide.gradcam.raw.png']);
  assert.equal(sides('raw', 'wide.crop.png'), [8, 8]);
  assert.equal(sides('raw', 'wide.gradcam.raw.png'), [8, 8]);
  const crop = decodePicture(readFileSync(at('raw', 'wide.crop.png')), 'crop');
  const whole = decodePicture(readFileSync(wide), 'wide');
  assert.equal(crop.data.slice(0, 4), whole.data.slice(8, 12)); // The crop begins at x = 2.
  await draw('sized', '--method', 'gradcam', '--draw', 'overlay,raw,crop', '--size', '48');
  assert.equal(sides('sized', 'wide.gradcam.png'), [48, 32]);
  assert.equal(sides('sized', 'wide.gradcam.raw.png'), [48, 48]);
  assert.equal(sides('sized', 'wide.crop.png'), [48, 48]);
});

test('a grid has a row for each class; on a common scale the weaker class is paler', async () => {
  const classes = ['--class', '0,3', '--method', 'gradcam,gradcam++', '--format', 'svg'];
  await draw('grid', ...classes, '--draw', 'grid');
  await draw('common', ...classes, '--draw', 'grid', '--common-scale');
  assert.equal(files('grid'), ['manifest.json', 'wide.grid.svg']);
  const svg = text('grid', 'wide.grid.svg');
  assert.is(svg.match(/<image /g)?.length, 6);
  assert.ok(
    svg.includes('0 ant, emmet') && svg.includes('3 dog') && svg.includes('each map on its own scale'),
  );
  assert.ok(text('common', 'wide.grid.svg').includes('one scale for all classes of a method'));
  assert.equal(
    entries('grid').map(({ files: written }) => written),
    [[], ['wide.grid.svg']],
  );
  const upTo = (name: string) => entries(name).map(({ drawn }) => drawn.gradcam.upTo);
  const maxima = entries('grid').map(({ methods }) => methods.gradcam.maximum);
  assert.equal(upTo('grid'), maxima);
  assert.equal(
    upTo('common'),
    maxima.map(() => Math.max(...maxima)),
  );
});

test('contours, box, opacity and colours change the overlays; the manifest has the box', async () => {
  const plain = ['--method', 'gradcam', '--draw', 'overlay', '--size', '96'];
  const looks = {
    none: [],
    contours: ['--contours'],
    box: ['--box', '0.5'],
    faint: ['--opacity', '0.1'],
    lagoon: ['--colormap', 'lagoon'],
  };
  const seen = new Set<string>();
  for (const [name, flags] of Object.entries(looks)) {
    await draw(name, ...plain, ...flags);
    seen.add(readFileSync(at(name, 'wide.gradcam.png')).toString('base64'));
  }
  assert.is(seen.size, 5);
  const { x, y, width, height } = entries('box')[0].drawn.gradcam.box ?? {};
  assert.ok(x >= 2 && y >= 0 && width > 0 && height > 0 && x + width <= 10 && y + height <= 8);
  assert.is(entries('none')[0].drawn.gradcam.box, undefined);
});

test('signed maps are red and blue, those that cannot be below 0 as ever', async () => {
  const methods = ['--method', 'gradcam,layercam', '--format', 'png,svg', '--draw', 'panel,raw'];
  await draw('unsigned', ...methods);
  await draw('signed', ...methods, '--signed');
  const bytes = (...parts: string[]) => readFileSync(at(...parts)).toString('base64');
  assert.is.not(bytes('signed', 'wide.gradcam.raw.png'), bytes('unsigned', 'wide.gradcam.raw.png'));
  assert.is(bytes('signed', 'wide.layercam.raw.png'), bytes('unsigned', 'wide.layercam.raw.png'));
  const svg = text('signed', 'wide.panel.svg');
  assert.ok(svg.includes('jetgrad-tide') && svg.includes('jetgrad-ember') && svg.includes('before its ReLU'));
});

/** Values of an array that was written. */
const values = (...parts: string[]) => decodeNpy(readFileSync(at(...parts)), parts.join('/')).data;
const normalized = (map: ArrayLike<number>) => {
  const most = Math.max(...Array.from(map));
  return Array.from(map, (value) => (most > 0 ? value / most : 0));
};
const less = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value - b[i]);

test('differences of two methods: each map by its maximum, both signs, one number for both ends', async () => {
  const flags = ['--method', 'gradcam,gradcam++', '--difference', 'gradcam++-gradcam', '--class', '0,3'];
  await draw('methods', ...flags, '--format', 'png,svg,npy', '--draw', 'overlay,raw,panel,grid');
  for (const c of ['c0', 'c3']) {
    const [first, second, difference] = ['gradcam++', 'gradcam', 'gradcam++-gradcam'].map((map) =>
      values('methods', `wide.${c}.${map}.map.npy`),
    );
    close(difference, less(normalized(first), normalized(second)), { relative: 1e-15 }, c);
    for (const file of ['png', 'raw.png'])
      assert.ok(files('methods').includes(`wide.${c}.gradcam++-gradcam.${file}`));
  }
  const difference = values('methods', 'wide.c0.gradcam++-gradcam.map.npy');
  const most = Math.max(...Array.from(difference, Math.abs));
  assert.is(entries('methods')[0].drawn['gradcam++-gradcam'].upTo, most);
  const svg = text('methods', 'wide.c0.panel.svg');
  const number = String(Number(most.toPrecision(3)));
  for (const words of [
    `>−${number}<`,
    `maximum of |difference| ${number}`,
    'Grad-CAM++ − Grad-CAM',
    'jetgrad-tide',
  ])
    assert.ok(svg.includes(words), words);
  assert.ok(svg.includes('differences of maps divided by their maxima'));
  assert.is(text('methods', 'wide.grid.svg').match(/<image /g)?.length, 8);
});

test('differences of two classes, by each method, with a panel and a row of the grid of their own', async () => {
  const flags = ['--method', 'gradcam,smoothgrad', '--difference', 'dog-emmet', '--class', '0,3'];
  await draw('classes', ...flags, '--format', 'svg,npy', '--draw', 'panel,grid', '--common-scale');
  const [one, other, difference] = ['c3', 'c0', 'c3-c0'].map((c) =>
    Array.from(values('classes', `wide.${c}.gradcam.map.npy`)),
  );
  const most = Math.max(...one, ...other);
  close(
    difference,
    less(one, other).map((value) => value / most),
    { relative: 1e-14 },
  );
  const svg = text('classes', 'wide.c3-c0.panel.svg');
  for (const words of ['3 dog − 0 ant, emmet', 'on the common scale', 'red: more of the first class'])
    assert.ok(svg.includes(words), words);
  assert.is(text('classes', 'wide.grid.svg').match(/<image /g)?.length, 9);
  assert.ok(entries('classes')[1].drawn['c3-c0.gradcam'].upTo > 0);
});

test('the region and what is selected stand in the caption', async () => {
  await draw('region', '--method', 'gradcam', '--region', '0,0,4,4', '--maps', '1,2', '--format', 'svg');
  assert.ok(text('region', 'wide.panel.svg').includes('only maps 1,2, region 0,0,4,4'));
});

test('every file that is written was foreseen, and the manifest names those written', async () => {
  const all: readonly Drawing[] = drawings;
  const differences = { methods: [['gradcam++', 'layercam']] as const, classes: [[3, 0]] as const };
  await draw(
    'all',
    ...['--class', '0,3', '--method', 'every', '--draw', all.join(), '--format', formats.join()],
    ...['--difference', 'gradcam++-layercam,3-0'],
  );
  const written = files('all').filter((file) => file !== 'manifest.json');
  assert.equal(
    entries('all')
      .flatMap((entry) => entry.files)
      .sort(),
    written,
  );
  // The network has no attention to be seen.
  const methods = methodNames.filter((name) => name !== 'legrad');
  const asked = { methods, figure: { format: formats, draw: all, differences } };
  const foreseen = new Set([
    ...['wide.c0', 'wide.c3'].flatMap((name) => explanationFiles(name, asked)),
    ...pictureFiles('wide', asked),
  ]);
  assert.equal(
    written.filter((file) => !foreseen.has(file)),
    [],
  );
  assert.is(foreseen.size, written.length);
});

const cells = ['--method', 'smoothgrad'];
for (const [flags, message] of [
  [['--size', '64', '--format', 'npy'], /--size: no pictures are written; add png or svg to --format/],
  [['--contours', '--format', 'json'], /--contours: no pictures are written/],
  [['--draw', 'raw', '--format', 'svg'], /--draw: svg is for panels and grids; add one of them/],
  [['--draw', 'panel,raw', '--format', 'svg'], /--draw: raw is a png file; add png to --format/],
  [['--draw', 'raw', '--opacity', '0.5'], /--opacity: no map is drawn over the photograph; add overlay/],
  [['--draw', 'crop', '--colormap', 'gray'], /--colormap: no map is drawn; add overlay, panel, grid or raw/],
  [['--contours', ...cells], /--contours: the maps of smoothgrad are of single pixels; add another --method/],
  [['--box', '0.2', ...cells], /--box: the maps of smoothgrad are of single pixels/],
  [['--signed', ...cells], /--signed: it draws sums of weighted feature maps; add gradcam/],
  [
    ['--signed', '--colormap', 'gray', '--method', 'gradcam'],
    /--colormap: signed maps have colours of their own/,
  ],
  [['--common-scale'], /--common-scale: it compares classes, and there is one; name several by --class/],
  [['--draw', 'grid', '--class', '3'], /--draw grid: it compares classes, and there is one/],
  [['--colormap', 'lagon'], /ember, lagoon or gray; did you mean "lagoon"\?/],
  [['--colormap', 'tide'], /ember, lagoon or gray/],
  [['--size', '2'], /--size 2: it must be a whole number from 16 to 8192/],
  [['--box', '1.5'], /--box 1\.5: it must be a number from 0 to 1/],
  [['--difference', 'gradcam-gradcm'], /gradcam-gradcm: there is no method "gradcm"; did you mean "gradcam"/],
  [['--difference', 'gradcam-gradcam'], /a map less itself is 0; name two methods/],
  [['--difference', 'gradcam-layercam'], /layercam does not run; add it to --method/],
  [['--difference', 'gradcam-smoothgrad'], /smoothgrad has a value for each pixel, the other for each cell/],
  [
    ['--difference', '3-0'],
    /class 3 is not among those explained; name both by --class, such as --class 3,0/,
  ],
  [['--difference', '3', '--class', '3,0'], /two are wanted, such as gradcam\+\+-gradcam or boxer-282/],
  [['--difference', 'gradcam++-gradcam', '--draw', 'crop'], /--difference: no map is drawn; add overlay/],
  [['--draw', 'photo'], /overlay, panel, grid, raw or crop/],
] as const) {
  test(`${flags.join(' ')} is refused`, async () => {
    const { code, stderr } = await command([...base, ...flags, '--out', at('refused')]);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.not(readdirSync(at()).includes('refused'));
  });
}

test.run();
