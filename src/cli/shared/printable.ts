/**
 * What a terminal would obey or be misled by, rather than show: control characters, escapes among them, marks that turn the direction
 * of writing, separators of lines, and noncharacters.
 */
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text from a file as it may stand on a terminal, on one line: what is not shown is written \\u001b, which JSON reads as the same. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

/** The same for several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** The beginning of a text that is longer than `most` letters, with a sign that more follows. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const start = text.slice(0, most - 1);
  // Half of a letter beyond 16 bits is none.
  return `${start.replace(/[\ud800-\udbff]$/, '')}…`;
}
