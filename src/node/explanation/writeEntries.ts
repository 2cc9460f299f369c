import type { Explanation } from '../../cam/explanation.ts';
import { computeFacts } from '../computeFacts.ts';
import { sha256Of } from '../digestBytes.ts';
import type { Stage } from '../stage.ts';
import type { Ledger } from './ledger.ts';
import type { Entry } from './manifestText.ts';
import type { Scene } from './scene.ts';
import { createWriter } from './writeExplanation.ts';

/** A picture that explanations are of, and what the manifest says of them beside what was found and drawn. */
export interface Source {
  /** Path or name. */
  readonly image: string;
  /** What the names of its files begin with. */
  readonly name: string;
  /** Whether the name is not that of the image. */
  readonly isNamed?: boolean;
  /** Of its bytes. */
  readonly sha256: string;
  readonly preprocessName: string;
  readonly seconds?: number;
  readonly model: { readonly file?: string; readonly name: string };
  /** The arguments that gave the files. */
  readonly run: string;
}

interface Writing {
  readonly scene: Scene;
  readonly stage: Pick<Stage, 'write'>;
  readonly signal?: AbortSignal | undefined;
  /** What the names of an explanation's files begin with. */
  nameOf(explanation: Explanation): string;
}

/** Writes the explanations of a picture under temporary names; the entries of the manifest. */
export async function writeEntries(
  explanations: readonly Explanation[],
  { image, name, isNamed, sha256: sum, preprocessName, seconds, model, run }: Source,
  { scene, stage, signal, nameOf }: Writing,
): Promise<Entry[]> {
  const writer = createWriter(explanations, { scene, signal });
  const entries: Entry[] = [];
  for (const [i, explanation] of explanations.entries()) {
    signal?.throwIfAborted();
    const sha256: Record<string, string> = {};
    const write: Stage['write'] = (written, content) => {
      stage.write(written, content);
      sha256[written] = sha256Of(content);
    };
    const shown = await writer.writeClass(explanation, nameOf(explanation), write);
    // The picture's own files are told of with its last class.
    const isLast = i === explanations.length - 1;
    const shownBeside = isLast ? await writer.writePicture(name, write) : {};
    entries.push({
      image,
      ...(isNamed === true && { name }),
      ...explanation.manifest(),
      preprocessing: { name: preprocessName, ...scene.preprocessing, seen: scene.crop },
      receptiveFields: scene.fields,
      drawn: { ...shown, ...shownBeside },
      files: Object.keys(sha256),
      ...computeFacts(),
      seconds,
      model,
      run,
      sha256: { image: sum, files: sha256 },
    });
  }
  return entries;
}

/** The files of entries. */
export const filesIn = (entries: readonly Entry[]): string[] =>
  entries.flatMap(({ files }) => (Array.isArray(files) ? (files as string[]) : []));

/** Gives the files of a picture their names. The manifest never says what is not so: see Ledger. */
export function commitEntries(
  entries: readonly Entry[],
  { stage, ledger }: { readonly stage: Stage; readonly ledger: Ledger },
): void {
  ledger.withdraw(filesIn(entries));
  ledger.add(entries, stage.commit);
}
