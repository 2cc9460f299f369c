import { transformSync } from 'esbuild';

const meaning = (code) => transformSync(code, { minify: true, charset: 'utf8' }).code;

/**
 * A printed module with a tab to the level in place of two blanks and without lines of comment, which is a tenth less; a text over
 * several lines stays as it is.
 */
export function tabbed(code) {
  let isInText = false;
  let wasInText = false;
  const lines = code.split('\n').flatMap((line) => {
    if (!isInText && /^\s*\/\/(?![#@!])/.test(line)) return [];
    const shown = isInText ? line : line.replace(/^(?: {2})+/, (blanks) => '\t'.repeat(blanks.length / 2));
    if (line.split('`').length % 2 === 0) isInText = !isInText;
    wasInText ||= isInText;
    return [shown];
  });
  const shown = lines.join('\n');
  // Backticks in other texts might mislead where one text ends on a later line.
  return wasInText && meaning(shown) !== meaning(code) ? code : shown;
}
