import { basename, join } from 'node:path';
import { explainClasses } from '../cam/explain.ts';
import { type Stage, staged } from '../image/node/stage.ts';
import { packageVersion } from './bundled.ts';
import { computeFacts } from './computeOptions.ts';
import { type ExplainFlags, type ExplainPlan, planExplain } from './explainPlan.ts';
import { printImage, warningPlace } from './explainReport.ts';
import type { Io } from './io.ts';
import { explanationFiles, explanationName } from './outputNames.ts';
import { checkOutputs, type PreparedImage } from './prepareImages.ts';
import { createProgress, type Progress } from './progress.ts';
import { writeExplanation } from './writeExplanation.ts';

const isSeveral = ({ classes }: ExplainPlan) => (classes?.length ?? 1) > 1;

function checkFiles(plan: ExplainPlan, flags: ExplainFlags): void {
  const names = plan.images.flatMap(({ name }) =>
    (plan.classes ?? [0]).map((classIndex) => explanationName(name, classIndex, isSeveral(plan))),
  );
  const files = names.flatMap((name) => explanationFiles(name, flags.method, flags.format));
  const given = [flags.model, flags.labels, flags.preprocess, ...plan.images.map(({ path }) => path)];
  checkOutputs(
    [...files, 'manifest.json'].map((file) => join(flags.out, file)),
    given.filter((path) => path !== undefined),
  );
}

interface Run {
  readonly plan: ExplainPlan;
  readonly flags: ExplainFlags;
  readonly stage: Stage;
  readonly io: Io;
  readonly progress: Progress;
}

/** Explains one picture and writes its files; its entries of the manifest. */
async function explainImage(image: PreparedImage, at: number, run: Run): Promise<Record<string, unknown>[]> {
  const { plan, flags, stage, io, progress } = run;
  const { choice, layer, classes, select, fields, images } = plan;
  const { method: methods, score, samples, sigma, seed, numerator } = flags;
  const started = performance.now();
  const explanations = await explainClasses(plan.model, image.input, {
    ...{ layer, classes, methods, score, samples, sigma, seed, numerator, select },
    signal: io.signal,
    onProgress: (share) => progress.update((at + share) / images.length, basename(image.path)),
  });
  const seconds = Number(((performance.now() - started) / 1000).toFixed(3));
  progress.stop();
  printImage(io, image.path, { explanations, plan, flags });
  const entries: Record<string, unknown>[] = [];
  for (const explanation of explanations) {
    io.signal?.throwIfAborted();
    const name = explanationName(image.name, explanation.classIndex, isSeveral(plan));
    await writeExplanation(explanation, name, { image, fields, flags, stage });
    const place = warningPlace(image.path, explanation, isSeveral(plan));
    for (const warning of explanation.warnings) io.warn(`${place}: ${warning}`);
    entries.push({
      image: image.path,
      ...explanation.manifest(),
      preprocessing: { name: choice.preprocessName, ...choice.preprocessing, seen: image.crop },
      receptiveFields: fields,
      files: explanationFiles(name, methods, flags.format),
      ...computeFacts(),
      seconds,
    });
  }
  return entries;
}

/** `jetgrad explain`: checks everything, explains picture by picture, then gives all files their names. */
export async function explainImages(paths: readonly string[], flags: ExplainFlags, io: Io): Promise<void> {
  const plan = await planExplain(paths, flags);
  checkFiles(plan, flags);
  const { warning } = plan.choice;
  if (warning !== undefined) io.warn(warning);
  const progress = createProgress(io);
  const work = async (stage: Stage) => {
    const images: Record<string, unknown>[] = [];
    for (const [at, image] of plan.images.entries()) {
      images.push(...(await explainImage(image, at, { plan, flags, stage, io, progress })));
    }
    const model = { file: flags.model, name: plan.model.name };
    const warnings = warning === undefined ? [] : [warning];
    const manifest = { jetgrad: packageVersion(), model, images, warnings };
    stage.write('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
    return images.flatMap(({ files }) => files as string[]);
  };
  printWritten(io, flags.out, await staged(flags.out, work).finally(() => progress.stop()));
}

const LISTED = 12;

function printWritten(io: Io, out: string, files: readonly string[]): void {
  const more = files.length > LISTED ? [`… ${files.length - LISTED} more`] : [];
  io.print('');
  for (const file of [
    ...files.slice(0, LISTED).map((name) => join(out, name)),
    ...more,
    join(out, 'manifest.json'),
  ]) {
    io.print(`  ${io.colors.dim('written')} ${file}`);
  }
}
