import type { ClassChoice, ClassName, ClassWanted } from './contrast.ts';
import { classFinder } from './matchClass.ts';

/** Finds classes by their labels, which are read when the first is asked for. What is no name is refused later, with what is wanted. */
function createLookup(labels: readonly string[] | undefined) {
  let find: ((text: string) => number) | undefined;
  return (name: ClassName): number => {
    if (typeof name !== 'string') return name;
    find ??= classFinder({ labels, count: undefined }).find;
    return find(name);
  };
}

/**
 * Classes asked for as indices, which nothing is said of yet: whether there are so many is known when the network has run.
 * @throws InputError for a text that is no label, or that of several classes.
 */
export function classesAsked(
  { labels }: { readonly labels?: readonly string[] | undefined },
  asked: ClassChoice | undefined,
): ClassChoice<ClassWanted> | undefined {
  if (asked === undefined || 'top' in asked) return asked;
  const indexOf = createLookup(labels);
  return asked.map((each) => {
    if (typeof each !== 'object') return indexOf(each);
    return each && { ...each, of: indexOf(each.of), against: indexOf(each.against) };
  });
}
