import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fitText, textWidth } from '../../src/image/textWidth.ts';
import { close } from '../support/check.ts';
import { fontFiles, fontWidths, printable } from './fontWidths.ts';

const test = suite('textWidth');

for (const weight of ['regular', 'bold'] as const) {
  test(`${weight}: every printable letter is as wide as the font has it`, () => {
    const widths = fontWidths(fontFiles[weight], printable);
    const style = { size: 1000, bold: weight === 'bold' };
    close(
      Array.from(printable, (letter) => textWidth(letter, style)),
      widths,
      { relative: 1e-12 },
    );
  });

  test(`${weight}: other letters are close`, () => {
    const letters = 'σ∂×éü−·Σ';
    const style = { size: 1000, bold: weight === 'bold' };
    const widths = fontWidths(fontFiles[weight], letters);
    for (const [i, letter] of Array.from(letters).entries()) {
      const error = Math.abs(textWidth(letter, style) - widths[i]);
      assert.ok(error < 300, `${letter}: ${textWidth(letter, style)}, in the font ${widths[i]}`);
    }
  });
}

test('a text that fits stays; a longer one is cut with an ellipsis', () => {
  const style = { size: 10 };
  assert.is(fitText('boxer', textWidth('boxer', style), style), 'boxer');
  const cut = fitText('golden retriever', 55, style);
  assert.is(cut, 'golden ret…');
  assert.ok(textWidth(cut, style) <= 55);
  assert.is(fitText('a boxer', 14, style), 'a…');
  assert.is(fitText('boxer', 0, style), '…');
  assert.is(fitText('', 0, style), '');
  assert.is(fitText('犬犬犬犬', 30, style), '犬犬…');
});

test('as much is kept as fits, wherever the cut is', () => {
  const style = { size: 10 };
  const text = 'a golden retriever in a field of wheat, é and 犬';
  for (let pixels = 0; pixels < textWidth(text, style); pixels++) {
    const cut = fitText(text, pixels, style);
    const letters = Array.from(cut.slice(0, -1));
    const next = `${Array.from(text)
      .slice(0, letters.length + 1)
      .join('')}…`;
    assert.ok(cut === '…' || textWidth(cut, style) <= pixels, `${pixels}: ${cut}`);
    const blank = text.slice(letters.length).startsWith(' ');
    assert.ok(blank || textWidth(next, style) > pixels, `${pixels}: ${next} would fit`);
  }
});

test('texts of millions of letters, and of marks on one letter', () => {
  const style = { size: 10 };
  assert.is(fitText('x'.repeat(1e6), 55, style), fitText('x'.repeat(100), 55, style));
  assert.ok(fitText(`a${'\u0301\u0316'.repeat(1e6)}`, 55, style).endsWith('…'));
  assert.ok(fitText('\0'.repeat(1e6), 55, style).endsWith('…'));
  assert.match(fitText('😀'.repeat(1e6), 1e9, style), /^(😀)+…$/u);
});

test.run();
