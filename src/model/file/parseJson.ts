import { InputError } from '../../tensor/errors.ts';
import { beyond, limits } from '../../tensor/limits.ts';

const [quote, backslash, openList, openRecord, closeList, closeRecord] = Array.from('"\\[{]}', (sign) =>
  sign.charCodeAt(0),
);

/** Where the text that begins at a quote ends: behind the next quote that no odd number of backslashes stands before. */
function endOfText(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let slashes = 0;
    while (json.charCodeAt(at - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return json.length;
}

/** How deep lists and objects are nested in a text of JSON. */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < json.length; at++) {
    const sign = json.charCodeAt(at);
    if (sign === quote) at = endOfText(json, at);
    else if (sign === openList || sign === openRecord) deepest = Math.max(deepest, ++depth);
    else if (sign === closeList || sign === closeRecord) depth--;
  }
  return deepest;
}

/**
 * What a text of JSON says; undefined where it is none.
 * @throws InputError where it is nested deeper than anything that walks through it can follow.
 */
export function parseJson(text: string): unknown {
  const depth = depthOf(text);
  if (depth > limits.nesting.value)
    throw new InputError(`Cannot read the JSON: ${beyond(limits.nesting, depth)}`);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How deep lists and objects are nested in a value, found without calls in calls. */
function depthIn(value: unknown): number {
  let depth = 0;
  let level: unknown[] = [value];
  for (; level.length > 0 && depth <= limits.nesting.value; depth++) {
    const below: unknown[] = [];
    for (const each of level) {
      if (typeof each !== 'object' || each === null || ArrayBuffer.isView(each)) continue;
      for (const inner of Object.values(each)) below.push(inner);
    }
    level = below;
  }
  return depth;
}

/** @throws InputError for a value that is nested deeper than JSON is written. */
export function checkNesting(value: unknown, where: string): void {
  if (depthIn(value) > limits.nesting.value) {
    throw new InputError(
      `Cannot read the model: ${where} is nested deeper than ${limits.nesting.value} levels`,
    );
  }
}
