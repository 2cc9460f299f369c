import type { Method } from '../../cam/method.ts';
import type { MethodName } from '../../cam/methods.ts';
import { methodNames, methodOf } from '../../cam/more/methodTable.ts';

const takesScore = (method: Method) => method.of !== 'input' && method.score === 'chosen';
/** Those made of α, unless what stands above in it is a part of the method. */
const takesNumerator = (method: Method) => method.of === 'layer' && method.takesNumerator === true;
const takesNoise = ({ noisy }: Method) => noisy;

/** Options that only some methods read, and which. */
const readers: Readonly<Record<string, (method: Method) => boolean>> = {
  score: takesScore,
  numerator: takesNumerator,
  prune: takesScore,
  samples: takesNoise,
  sigma: takesNoise,
  seed: takesNoise,
};

const joined = (words: readonly string[]) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** What to say of options that were given and that none of the methods reads; undefined where each is read. */
export function unusedOptions(given: readonly string[], methods: readonly MethodName[]): string | undefined {
  const unused = new Map<string, string[]>();
  for (const option of given) {
    const reads = readers[option];
    if (reads === undefined || methods.some((name) => reads(methodOf(name)))) continue;
    const would = joined(methodNames.filter((name) => reads(methodOf(name))));
    unused.set(would, [...(unused.get(would) ?? []), `--${option}`]);
  }
  if (unused.size === 0) return undefined;
  const parts = [...unused].map(([would, options]) => `${joined(options)} (read by ${would})`);
  return `${joined(methods)} ${methods.length > 1 ? 'do' : 'does'} not read ${joined(parts)}`;
}
