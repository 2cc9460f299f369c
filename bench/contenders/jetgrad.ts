import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { largestError } from '../cases/largestError.ts';
import { factorFor } from '../confidence.ts';
import { prepareJetgrad } from '../general/jetgrad.ts';
import { repeated } from '../general/repeated.ts';
import { createImages, SIDE } from '../images.ts';
import type { Contender, Facts, Job, Setting, Work } from './contender.ts';

/** A built jetgrad, of this version or another. */
type Library = typeof import('../../src/index.ts') & Pick<typeof import('../../src/node.ts'), 'loadModel'>;

async function importLibrary(root: string): Promise<Library> {
  const entry = (name: string) => import(pathToFileURL(join(root, 'dist', name)).href);
  return { ...(await entry('index.js')), ...(await entry('node.js')) };
}

type NetworkJob = Exclude<Job, { kind: 'general' }>;

interface Opened {
  readonly library: Library;
  readonly model: Awaited<ReturnType<Library['loadModel']>>;
  readonly image: ReturnType<Library['fromData']>;
}

async function open(job: NetworkJob, { root, models, threads, seed }: Setting): Promise<Opened> {
  const library = await importLibrary(root);
  const model = await library.loadModel(join(models, `${job.network}.onnx`), { threads });
  const batch = job.kind === 'forward' ? job.batch : 1;
  return { library, model, image: library.fromData(createImages(batch, seed), [batch, 3, SIDE, SIDE]) };
}

/** The logits of the image, its A in float64, and the predicted class. */
async function openHead({ library, model, image }: Opened) {
  const run = await model.split().at(image);
  const a = library.castTo(run.activation, 'float64');
  const z = run.head(a).data;
  return { head: run.head, a, logits: z.length, classIndex: z.indexOf(Math.max(...z)) };
}

/** The share of positive entries behind each ReLU of the head. */
async function activeUnits({ model, image }: Opened): Promise<Facts> {
  const first = model.layers.findIndex(({ tensor }) => tensor === model.defaultLayer);
  const facts: Record<string, number> = {};
  for (const { op, tensor } of model.layers.slice(first + 1)) {
    if (op !== 'Relu') continue;
    const { data } = await model.split(tensor).trunk(image);
    facts[`active ${tensor}`] = data.filter((value) => value > 0).length / data.length;
  }
  return facts;
}

type Prepare<K extends NetworkJob['kind']> = (
  opened: Opened,
  job: Extract<Job, { kind: K }>,
) => Promise<Work>;

const forward: Prepare<'forward'> = async ({ model, image }) => ({
  run: async () => Object.values(await model.run(image)).map(({ data }) => data),
});

const explain: Prepare<'explain'> = async ({ library, model, image }, { method, samples }) => ({
  async run() {
    const { maps } = await library.explain(model, image, { methods: [method], samples });
    return Object.values(maps).map(({ raw }) => raw.data);
  },
});

const diagonal: Prepare<'diagonal'> = async (opened, { score: name, confidence, prune }) => {
  const { head, a, classIndex } = await openHead(opened);
  const { createScore, diagonal, mul } = opened.library;
  const factor = confidence === undefined ? 1 : factorFor(head(a).data, confidence);
  const scaled = factor === 1 ? head : (x: typeof a) => mul(head(x), factor);
  const options = { score: createScore(name, { classIndex }), ...(prune && { prune }) };
  const take = () => diagonal(scaled, a, options);
  let last: ReturnType<typeof take> | undefined;
  return {
    async run() {
      last = take();
      return last.derivatives.map(({ data }) => data);
    },
    async facts() {
      if (last === undefined) return {};
      const { plan, entries, live, pruned } = last.certificate;
      const { bounds, ...merged } = pruned ?? {};
      const errors = bounds && { bounds: bounds.join(', ') };
      return { plan, entries, live, ...merged, ...errors, ...(await activeUnits(opened)) };
    },
  };
};

const headVjp: Prepare<'headVjp'> = async (opened) => {
  const { head, a, logits, classIndex } = await openHead(opened);
  const g = opened.library.zeros([logits]);
  g.data[classIndex] = 1;
  return { run: async () => [opened.library.vjp(head, a).pullback(g).data] };
};

const precision: Prepare<'precision'> = async ({ model, image }) => {
  const logits = async (precision: 'float32' | 'float64') =>
    Object.values(await model.run(image, { precision }))[0].data;
  let error = Number.NaN;
  return {
    async run() {
      const reference = await logits('float64');
      const z = await logits('float32');
      error = largestError([z], [reference]);
      return [z];
    },
    error: () => error,
  };
};

/** jetgrad itself, from the files that a user gets. */
export const jetgrad: Contender = {
  async load(job, setting) {
    if (job.kind === 'general') {
      return repeated(prepareJetgrad(await importLibrary(setting.root), job.task, setting.seed));
    }
    const opened = await open(job, setting);
    switch (job.kind) {
      case 'forward':
        return forward(opened, job);
      case 'explain':
        return explain(opened, job);
      case 'diagonal':
        return diagonal(opened, job);
      case 'headVjp':
        return headVjp(opened, job);
      case 'precision':
        return precision(opened, job);
    }
  },
};
