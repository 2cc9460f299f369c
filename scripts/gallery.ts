/**
 * Draws photographs by trained networks and methods as contact sheets: `npm run gallery -- [--out FOLDER] [--samples 25] [--sigma 0.15]`. Photographs and
 * networks are those of `JETGRAD_DATA`, ../shared/data unless given; what is not there is skipped.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { MethodName } from '../src/cam/methods.ts';
import { loadModel, loadPicture, readLabels } from '../src/node.ts';
import { data } from '../test/support/check.ts';
import { drawGallery, explainedRow, headingsOf, type SheetRow } from './experiments/gallery.ts';
import { classifiers, type Network, present } from './measurements/networks.ts';
import { createReport } from './report.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'jetgrad-gallery' },
    samples: { type: 'string', default: '25' },
    sigma: { type: 'string', default: '0.15' },
  },
});
const noise = { samples: Number(values.samples), sigma: Number(values.sigma) };
const report = createReport();

const methods: readonly MethodName[] = [
  ...(['gradcam', 'gradcam++', 'smoothgradcam++', 'gradcam++powered', 'layercam', 'hirescam'] as const),
  ...(['eigencam', 'smoothgrad'] as const),
];

/** Folder of the photographs that a network knows the classes of, and the names of its classes where its file has none. */
const shown: Readonly<Record<string, { readonly folder: string; readonly labels?: string }>> = {
  'squeezenet1.1': { folder: 'images', labels: 'labels/imagenet-synset-words.txt' },
  'mobilenet-v1-0.25-128': { folder: 'images', labels: 'labels/imagenet-1001.txt' },
  'tiny-vgg': { folder: 'images/tiny-vgg' },
};

const MOST = 10;

async function sheetOf({ name, path, preprocessing }: Network): Promise<void> {
  const { folder, labels } = shown[name];
  const from = data(folder);
  const files = existsSync(from) ? readdirSync(from).filter((file) => /\.(png|jpe?g)$/i.test(file)) : [];
  if (files.length === 0) {
    report.skip(name, `no photographs in ${from}`);
    return;
  }
  const model = await loadModel(path, labels === undefined ? {} : { labels: readLabels(data(labels)) });
  const rows: SheetRow[] = [];
  for (const file of files.sort().slice(0, MOST)) {
    const picture = await loadPicture(join(from, file));
    rows.push(await explainedRow(basename(file), { model, picture, preprocessing, methods, ...noise }));
  }
  const out = join(values.out, `${name}.png`);
  const title = `${name}: score exp, n ${noise.samples}, σ ${noise.sigma}, the predicted class`;
  writeFileSync(out, await drawGallery(title, headingsOf(methods), { rows, zoom: 1.5 }));
  report.check(name, true, `${rows.length} photographs, ${out}`);
}

mkdirSync(values.out, { recursive: true });
const wanted = classifiers.filter(({ name }) => name in shown);
for (const network of present(wanted, (path) => report.skip(basename(path), 'it is not there'))) {
  await report.guard(network.name, () => sheetOf(network));
}
report.close();
