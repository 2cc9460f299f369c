/** A question of the conclusion, its answer in a sentence or two, the rows that they are made of, and their numbers by network. */
export interface Answer {
  readonly question: string;
  readonly says: string;
  /** Where on the page the rows are. */
  readonly where: string;
  /** Lines of Markdown. */
  readonly table?: readonly string[];
}

/** Names behind each of some words, in the order of the words: what nothing stands under is left out. */
export function grouped<Word extends string>(
  words: readonly Word[],
  wordOf: ReadonlyMap<string, Word>,
): string {
  const parts = words.flatMap((word) => {
    const names = [...wordOf].filter(([, own]) => own === word).map(([name]) => name);
    return names.length === 0 ? [] : [`${word} by ${names.join(', ')}`];
  });
  return parts.length === 0 ? 'nothing to tell' : parts.join('; ');
}

/** As a part of the page. */
export const answerText = ({ question, says, where, table = [] }: Answer): string[] => [
  `### ${question}`,
  '',
  `${says} (${where})`,
  '',
  ...table,
];
