import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import type { MethodName } from '../../cam/methods.ts';
import type { MetricName } from '../../cam/metrics/metrics.ts';
import { methodNames, methodOf } from '../../cam/more/methodTable.ts';
import type { NamedScore } from '../../cam/score.ts';
import { openResultStore } from '../../evaluate/queue/resultStore.ts';
import { openSet } from '../../evaluate/sets/openSet.ts';
import type { EvaluatedModel } from '../../evaluate/subject.ts';
import type { Evaluation, Work } from '../../evaluate/work.ts';
import { packageVersion } from '../../node/ownPackage.ts';
import { InputError } from '../../tensor/errors.ts';
import type { BackendName } from '../../tensor/kernels/backend.ts';
import { findLayer } from '../shared/findLayer.ts';
import type { Io } from '../shared/io.ts';
import { type ModelFlags, openModel } from '../shared/openModel.ts';

/** The flags of `evaluate`, read: plain data, so that they go to other processes as they are. */
export interface EvaluateFlags extends ModelFlags {
  readonly model: readonly string[];
  readonly layer?: string;
  readonly method: readonly MethodName[];
  readonly metric: readonly MetricName[];
  readonly score: readonly NamedScore[];
  readonly sigma: readonly number[];
  readonly samples: readonly number[];
  readonly seed: number;
  readonly limit?: number;
  readonly jobs?: number;
  /** Where pieces wait for workers. */
  readonly queue?: string;
  /** Takes them off it. */
  readonly cancel?: boolean;
  readonly out: string;
  readonly backend: BackendName;
  readonly threads?: number;
  readonly quiet?: boolean;
}

/** Where results lie in the folder of an evaluation. */
export const resultsIn = (out: string) => join(out, 'results');

/** Where the files lie that queued sets are made of. */
export const filesIn = (out: string) => join(resultsIn(out), 'files');

async function sha256OfFiles(paths: readonly string[], beside: string): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths)
    for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  return hash.update(beside).digest('hex');
}

/** Names of models in results: as they call themselves, with the file where two do alike. */
function namesOf(models: readonly { readonly name: string }[], paths: readonly string[]): string[] {
  return models.map(({ name }, i) =>
    models.filter((each) => each.name === name).length > 1
      ? `${name} (${basename(paths[i])}, ${i + 1})`
      : name,
  );
}

/** The methods asked for; of every one those that can explain all of the models. */
function methodsFor(
  methods: readonly MethodName[],
  models: readonly EvaluatedModel[],
): readonly MethodName[] {
  if (methods.length < methodNames.length) return methods;
  return methods.filter((name) => {
    const row = methodOf(name);
    return row.of !== 'network' || models.every(({ model }) => row.unfit?.(model) === undefined);
  });
}

/** What is run on pictures, and the labels that all models know. */
export interface Subject extends Omit<Evaluation, 'set'> {
  readonly labels: readonly string[];
}

/** What says which models are run, and how. */
export type SubjectFlags = Omit<
  EvaluateFlags,
  'out' | 'limit' | 'jobs' | 'quiet' | 'threads' | 'queue' | 'cancel'
>;

/** Opens the models. @throws InputError for what cannot be used. */
export async function openSubject(flags: SubjectFlags, { warn }: Pick<Io, 'warn'>): Promise<Subject> {
  const { model: paths, layer, seed } = flags;
  const opened = await Promise.all(paths.map((path) => openModel(path, flags)));
  const names = namesOf(
    opened.map(({ model }) => model),
    paths,
  );
  const models: EvaluatedModel[] = [];
  for (const [i, { model, files, preprocessing, warning }] of opened.entries()) {
    if (model.inputs.length > 1)
      throw new InputError(
        `Cannot evaluate ${model.name}: it takes several inputs, one picture is all there is`,
      );
    if (warning !== undefined) warn(warning);
    findLayer(model, layer, [model.findLogits().tensor]);
    const hash = await sha256OfFiles(
      files.map(({ path }) => path),
      JSON.stringify([preprocessing, model.labels]),
    );
    models.push({ name: names[i], model, preprocessing, hash, files });
  }
  const [{ model: first }, ...others] = models;
  const labels = (first.labels ?? []).filter((label) =>
    others.every(({ model }) => model.labels?.includes(label)),
  );
  const { method, metric: metrics, score: scores, sigma: sigmas, samples } = flags;
  return {
    models,
    labels,
    settings: { methods: methodsFor(method, models), metrics, scores, sigmas, samples, seed, layer },
    version: packageVersion(),
  };
}

/** Opens everything that an evaluation reads. @throws InputError for what cannot be used. */
export async function openWork(set: string, flags: EvaluateFlags, io: Pick<Io, 'warn'>): Promise<Work> {
  const { labels, ...subject } = await openSubject(flags, io);
  const { limit, out } = flags;
  return { ...subject, set: openSet(set, { labels, limit }), store: openResultStore(resultsIn(out)) };
}
