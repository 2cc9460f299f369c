import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ClassPair } from '../../cam/contrast.ts';
import type { Explanation } from '../../cam/explanation.ts';
import { pairOfExplanation } from '../../cam/pairText.ts';
import { isNamed } from '../../cam/scores/presets.ts';
import { checkOutputs } from '../../node/checkOutputs.ts';
import { sha256Of } from '../../node/digestBytes.ts';
import { isThere, keptAs } from '../../node/explanation/keptEntries.ts';
import { type Ledger, openLedger } from '../../node/explanation/ledger.ts';
import { type Entry, MANIFEST } from '../../node/explanation/manifestText.ts';
import { explanationFiles, explanationName, pictureFiles } from '../../node/explanation/outputNames.ts';
import { openScene } from '../../node/explanation/scene.ts';
import { selectionText } from '../../node/explanation/selectionText.ts';
import { commitEntries, filesIn, writeEntries } from '../../node/explanation/writeEntries.ts';
import { packageVersion } from '../../node/ownPackage.ts';
import { openStageAlone, type Stage } from '../../node/stage.ts';
import { rest } from '../../tensor/drive.ts';
import type { Io } from '../shared/io.ts';
import { classesOf, pathsRead } from '../shared/openModel.ts';
import { createProgress, type Progress } from '../shared/progress.ts';
import { createAnnouncer, passesFor } from './announceWork.ts';
import { explainAsked } from './explainAsked.ts';
import { pictureArguments } from './pictureArguments.ts';
import { type ExplainFlags, type ExplainPlan, planExplain } from './plan.ts';
import { prepareImage } from './prepareImages.ts';
import { printImage, type Shown } from './report.ts';
import { runKey } from './runKey.ts';
import { unusedOptions } from './unusedOptions.ts';
import { printWritten, type Tally } from './writtenReport.ts';

const isAskedFor = ({ classes }: ExplainPlan) => classes !== undefined;

/** Classes for names of files before any is written: where pictures choose them, one with as many digits as there may be. */
function classesNamed({ classes = [0], model, asking }: ExplainPlan): readonly ClassPair[] {
  const named = 'top' in classes ? [(classesOf(model, asking.options.output).count ?? 1) - 1] : classes;
  return named.map((each) =>
    typeof each === 'number' ? { classIndex: each } : { classIndex: each.of, against: each.against },
  );
}

/** Names of all files that a run may write. */
function* filesOf(plan: ExplainPlan, flags: ExplainFlags): Generator<string> {
  const asked = { methods: flags.method, figure: plan.figure };
  const isAsked = isAskedFor(plan);
  for (const { name } of plan.images) {
    for (const pair of classesNamed(plan)) {
      yield* explanationFiles(explanationName(name, pair, isAsked), asked);
    }
    yield* pictureFiles(name, asked);
  }
  yield MANIFEST;
}

const modelFacts = ({ plan, flags }: Pick<Run, 'plan' | 'flags'>) => ({
  file: flags.model,
  name: plan.model.name,
});

interface Run {
  readonly plan: ExplainPlan;
  readonly flags: ExplainFlags;
  readonly key: string;
  readonly stage: Stage;
  readonly ledger: Ledger;
  readonly io: Io;
  readonly progress: Progress;
  readonly tally: Tally;
  readonly announce: ReturnType<typeof createAnnouncer>;
}

/** Explains one picture and writes its files under temporary names; its entries of the manifest. */
async function explainImage(at: number, bytes: Uint8Array, run: Run): Promise<Entry[]> {
  const { plan, flags, stage, io, progress, key } = run;
  const { choice, layer, layout, select, fields, figure, images } = plan;
  const { method: methods, samples, sigma, seed, numerator, prune, format } = flags;
  // Files of arrays hold all derivatives.
  const derivatives = format.every((each) => each === 'png' || each === 'svg') ? 'read' : 'all';
  const file = images[at];
  const image = await prepareImage(file, bytes, { ...plan.preparing, signal: io.signal });
  const onPlan = run.announce(images.length - at);
  const started = performance.now();
  const explanations = await explainAsked(plan, image, {
    ...{ layer, layout, methods, samples, sigma, seed, numerator, prune, select },
    ...{ derivatives, onPlan, signal: io.signal },
    onProgress: (share) => progress.update((at + share) / images.length, basename(file.path)),
  });
  const seconds = Number(((performance.now() - started) / 1000).toFixed(3));
  const scene = openScene(image, {
    ...{
      name: basename(file.path),
      fields,
      figure,
      region: select?.region,
      selection: selectionText(select),
    },
    preprocessing: plan.preparing.preprocessing,
  });
  const source = {
    ...{ image: file.path, name: file.name, sha256: sha256Of(bytes), seconds, run: key },
    ...{ preprocessName: choice.preprocessName, model: modelFacts(run) },
  };
  const nameOf = (explanation: Explanation) =>
    explanationName(file.name, pairOfExplanation(explanation), isAskedFor(plan));
  return writeEntries(explanations, source, { scene, stage, nameOf, signal: io.signal });
}

/** Gives the files of a picture their names. */
function commitImage(entries: readonly Entry[], run: Run): void {
  const { flags, tally } = run;
  const files = filesIn(entries);
  if (files.some((each) => existsSync(join(flags.out, each)))) tally.replaced++;
  commitEntries(entries, run);
  tally.written += files.length;
}

/** Explains a picture, or keeps what was found before by the same arguments. */
async function finishImage(at: number, run: Run): Promise<void> {
  const file = run.plan.images[at];
  const { plan, flags, key, ledger, io, progress, tally } = run;
  await rest(io.signal);
  const bytes = file.read();
  const made = { image: file.path, run: key, sha256: sha256Of(bytes) };
  let entries = flags.fresh === true ? undefined : keptAs(made, ledger.find(file.name), flags.out);
  if (entries === undefined) {
    entries = await explainImage(at, bytes, run);
    commitImage(entries, run);
  } else {
    tally.kept++;
    if (entries.some((entry) => entry.image !== file.path)) {
      entries = entries.map((entry) => ({ ...entry, image: file.path }));
      ledger.add(entries);
    }
  }
  progress.stop();
  printImage(io, file.path, { shown: entries as (Entry & Shown)[], plan });
}

/** `jetgrad explain`: checks everything, then explains picture by picture; what is finished stays, whatever comes after. */
export async function explainImages(
  pictures: readonly string[],
  asked: { readonly flags: ExplainFlags; readonly given: readonly string[] },
  io: Io,
): Promise<void> {
  const paths = pictureArguments(pictures, asked.flags.out);
  const plan = await planExplain(paths, asked, io.signal);
  const { flags, note, asking } = plan;
  const { warning, files } = plan.choice;
  // An expression is the score of every method; class:C and pixels:C say what all of them are of.
  const isRead = (name: string) => name !== 'score' || isNamed(flags.score);
  const unused = unusedOptions(asked.given.filter(isRead), flags.method);
  const doubts = [warning, unused, note].filter((each) => each !== undefined);
  const read = [...pathsRead(files, flags), ...asking.files.keys(), ...paths];
  checkOutputs(flags.out, filesOf(plan, flags), read);
  for (const doubt of doubts) io.warn(doubt);
  for (const note of plan.choice.notes) io.note(note);
  const key = runKey(flags, plan.choice, asking);
  const onWait = (pid: number) =>
    io.warn(`process ${pid} is writing to ${flags.out}: waiting until it has ended`);
  const stage = await openStageAlone(flags.out, { onWait, signal: io.signal });
  const head = {
    jetgrad: packageVersion(),
    run: key,
    model: modelFacts({ plan, flags }),
    warnings: doubts,
  };
  const progress = createProgress(io);
  const multiplyAdds = plan.model.layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0);
  const announce = createAnnouncer(io, { count: passesFor(plan, flags), multiplyAdds });
  const tally: Tally = { kept: 0, replaced: 0, written: 0 };
  try {
    const ledger = openLedger(flags.out, { stage, head });
    try {
      const run = { plan, flags, key, stage, ledger, io, progress, tally, announce };
      for (const at of plan.images.keys()) await finishImage(at, run);
      const names = plan.images.map(({ name }) => name);
      const ended = ledger.finish(names, (entries) => isThere(entries, flags.out));
      printWritten(io, flags.out, { ...tally, ...ended });
    } finally {
      ledger.close();
    }
  } finally {
    progress.stop();
    stage.close();
  }
}
