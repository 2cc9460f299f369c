/** A function of a source, by where it stands. */
export interface FunctionSpan {
  readonly name: string;
  /** Its lines, the first and the last among them. */
  readonly lines: number;
  /** Parameters that are told apart by their place. */
  readonly parameters: number;
}

/** Where a function begins: a declaration, or a constant that is an arrow with a body. */
const declared = /^(\s*)(?:export )?(?:async )?function\*? (\w+)/;
const arrow = /^(\s*)(?:export )?const (\w+)(?:: [^=]+)? = (?:async )?(?:<[^>]*>)?\(/;

/** How many parameters a list has whose opening parenthesis is the first of `text`: commas that nothing encloses. */
function countParameters(text: string): number {
  let depth = 0;
  let commas = 0;
  let last = '';
  let isEmpty = true;
  for (let i = text.indexOf('('); i < text.length; i++) {
    const character = text[i];
    // The > of an arrow closes nothing.
    if ('([{<'.includes(character)) depth++;
    else if (')]}'.includes(character) || (character === '>' && text[i - 1] !== '=')) depth--;
    if (depth === 0) break;
    if (character === ',' && depth === 1) commas++;
    if (!/\s/.test(character) && !(character === '(' && depth === 1)) {
      last = character;
      isEmpty = false;
    }
  }
  if (isEmpty) return 0;
  return commas + (last === ',' ? 0 : 1);
}

/** The functions of a source that the formatter has laid out: one ends where a brace stands below its beginning. */
export function functionsOf(source: string): FunctionSpan[] {
  const lines = source.split('\n');
  return lines.flatMap((line, first): FunctionSpan[] => {
    const begins = declared.exec(line) ?? arrow.exec(line);
    if (begins === null) return [];
    const [whole, indent, name] = begins;
    const end = lines.findIndex(
      (other, at) =>
        at >= first && /^\s*\}/.test(other) && other.startsWith(`${indent}}`) && !/^\s*\}[):,]/.test(other),
    );
    const isArrow = !declared.test(line);
    const body = end < 0 ? first : end;
    const rest = lines
      .slice(first, body + 1)
      .join('\n')
      .slice(isArrow ? whole.length - 1 : 0);
    if (isArrow && !/=> \{$/m.test(lines.slice(first, Math.min(first + 8, body + 1)).join('\n'))) {
      return [{ name, lines: 1, parameters: countParameters(rest) }];
    }
    return [{ name, lines: body - first + 1, parameters: countParameters(rest) }];
  });
}
