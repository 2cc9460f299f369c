import { limits } from '../src/tensor/limits.ts';

const BEGIN = '<!-- bounds: npm run limits -->';
const END = '<!-- end of bounds -->';

const grouped = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** A number as it stands, and as a power of two where that says more. */
function boundText(value: number): string {
  const power = Math.log2(value);
  const near = [0, 1].find((less) => Number.isInteger(Math.log2(value + less)) && value > 1000);
  if (near === undefined) return grouped(value);
  const exponent = near === 0 ? power : Math.log2(value + 1);
  return `${grouped(value)} (2^${exponent}${near === 0 ? '' : ' − 1'})`;
}

/** The rows of src/tensor/limits.ts as a table of Markdown. */
export function limitsTable(): string {
  const rows = Object.entries(limits).map(([name, limit]) => {
    const option = 'option' in limit ? `\`${limit.option}\`` : '';
    return `| \`${name}\` | ${boundText(limit.value)} ${limit.unit} | ${limit.of.replace(/,$/, '')} | ${option} |`;
  });
  return ['| name | at most | of | raised by |', '|---|---|---|---|', ...rows].join('\n');
}

/** A page with its table of bounds renewed. */
export function withLimits(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined)
    throw new Error(`the page has no place for the bounds between ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${limitsTable()}\n\n${END}${after}`;
}
