/** A function of a source. */
export interface FunctionSpan {
  readonly name: string;
  /** Its lines, the first and the last among them. */
  readonly lines: number;
}

/** Where a function begins: a declaration, or a constant that is an arrow. */
const declared = /^(\s*)(?:export )?(?:async )?function\*? (\w+)/;
const arrow = /^(\s*)(?:export )?const (\w+)(?:: [^=]+)? = (?:async )?(?:<[^>]*>)?\(/;

/** The longest list of parameters of an arrow, in lines. */
const PARAMETER_LINES = 8;

/** Where a brace closes what began at this indentation, and not a list of parameters. */
function closes(line: string, indent: string): boolean {
  return line.startsWith(`${indent}}`) && !/^\s*\}[):,]/.test(line);
}

/** The functions of a source that the formatter has laid out: one ends where a brace stands below its beginning. */
export function functionsOf(source: string): FunctionSpan[] {
  const lines = source.split('\n');
  return lines.flatMap((line, first): FunctionSpan[] => {
    const found = declared.exec(line) ?? arrow.exec(line);
    if (found === null) return [];
    const [, indent, name] = found;
    const head = lines.slice(first, first + PARAMETER_LINES);
    if (!declared.test(line) && !head.some((each) => each.endsWith('=> {'))) return [];
    const end = lines.findIndex((other, at) => at >= first && closes(other, indent));
    return [{ name, lines: end < 0 ? 1 : end - first + 1 }];
  });
}
