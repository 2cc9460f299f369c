// Explains the bundled picture in a worker, and writes what came of it as JSON.
import { toImageData } from './image.js';
import { createExplainer, openModel } from './jetgradPage.js';

const asked = new URL(location.href).searchParams;
const options = asked.has('threads') ? { threads: Number(asked.get('threads')) } : {};
const methods = ['gradcam', 'smoothgradcam++', 'smoothgrad'];

let frames = 0;
const count = () => {
  frames++;
  requestAnimationFrame(count);
};

async function failure(promise) {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

async function report() {
  const explainer = await createExplainer('explainer.js', './scenes-vgg.json', options);
  const file = await (await fetch('sample.png')).blob();
  const [parts, shares] = [[], []];
  requestAnimationFrame(count);
  const found = await explainer.explain(file, {
    methods,
    samples: 8,
    onProgress: (share) => shares.push(share),
    onPart: ({ maps }) => parts.push(Object.keys(maps)),
  });
  const during = frames;
  const bitmap = await createImageBitmap(file);
  const again = await explainer.explain(bitmap, { methods: ['gradcam'] });
  const image = toImageData(found.overlays.gradcam);
  const controller = new AbortController();
  const aborted = explainer.explain(file, {
    samples: 10000,
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  return {
    isolated: globalThis.crossOriginIsolated,
    backend: explainer.model.backend,
    label: found.label,
    sums: methods.map((name) => found.maps[name].raw.data.reduce((a, b) => a + b)),
    again: again.maps.gradcam.raw.data.every((value, i) => value === found.maps.gradcam.raw.data[i]),
    overlay: [image.constructor.name, image.width, image.height],
    parts,
    share: shares.at(-1),
    frames: during,
    aborted: await failure(aborted),
    notDecoded: await failure(explainer.explain(new Blob(['text']))),
    noModel: await failure(createExplainer('explainer.js', 'index.html')),
    noWorker: await failure(createExplainer('none.js', 'scenes-vgg.json')),
    layers: (await openModel('scenes-vgg.json')).layers.length,
  };
}

const element = document.querySelector('#result');
element.textContent = JSON.stringify(await report().catch((error) => ({ error: String(error.stack) })));
element.dataset.done = '';
