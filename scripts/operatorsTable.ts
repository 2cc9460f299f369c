import type { Layer } from '../src/layers/layer.ts';
import { allLayers } from '../src/layers/more.ts';
import { lowerings } from '../src/model/compiled/lower/operators.ts';
import { rewritings } from '../src/onnx/rewriting/rewritings.ts';

const BEGIN = '<!-- operators: npm run operators -->';
const END = '<!-- end of operators -->';

function inputsText({ inputs: [least, most] }: Pick<Layer, 'inputs'>): string {
  if (least === most) return String(least);
  return most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`;
}

function rowText([op, row]: readonly [string, Layer]): string {
  const attributes = Object.keys(row.attributes ?? {}).map((name) => `\`${name}\``);
  const kernel = Object.hasOwn(lowerings, op) ? 'yes' : '';
  return `| \`${op}\` | ${inputsText(row)} | ${attributes.join(' ')} | ${kernel} |`;
}

/** Every operator of src/layers as a table of Markdown, by name. */
function operatorsTable(): string {
  const rewritten = Object.entries(rewritings).sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = Object.entries(allLayers).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `${rows.length} operators, and ${rewritten.length} that are read as others:`,
    '',
    '| operator | inputs | attributes read | kernels |',
    '|---|---|---|---|',
    ...rows.map(rowText),
    '',
    'Read as others:',
    '',
    '| operator | inputs | read as |',
    '|---|---|---|',
    ...rewritten.map(([op, row]) => `| \`${op}\` | ${inputsText(row)} | ${row.becomes} |`),
  ].join('\n');
}

/** A page with its table of operators renewed. */
export function withOperators(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined)
    throw new Error(`the page has no place for the operators between ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${operatorsTable()}\n\n${END}${after}`;
}
