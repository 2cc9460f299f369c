import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { panelSvg } from '../../../src/image/panel.ts';
import type { Picture } from '../../../src/image/picture.ts';
import { textWidth } from '../../../src/image/textWidth.ts';
import { decodePicture } from '../../../src/node/pictures/decodePicture.ts';
import { renderSvg } from '../../../src/node/pictures/renderSvg.ts';
import { same } from '../../support/check.ts';

const test = suite('renderSvg');

const page = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60"><rect width="300" height="60" fill="#fff"/>${content}</svg>`;

/** The first and the last column with ink. */
function ink({ width, data }: Picture): [number, number] {
  const columns: number[] = [];
  for (let i = 0; i < data.length; i += 4) if (data[i] < 128) columns.push((i / 4) % width);
  return [Math.min(...columns), Math.max(...columns)];
}

test('a picture of the size asked for, the same bytes again', async () => {
  const svg = page('<rect x="10" y="10" width="20" height="20" fill="rgb(9,80,200)"/>');
  const file = await renderSvg(svg);
  const { width, height, data } = decodePicture(file, 'a.png');
  assert.equal([width, height], [300, 60]);
  same(data.subarray(4 * (300 * 15 + 15), 4 * (300 * 15 + 15) + 4), [9, 80, 200, 255]);
  same(await renderSvg(svg), file);
  assert.is(decodePicture(await renderSvg(svg, 2), 'a.png').width, 600);
});

for (const bold of [false, true]) {
  test(`text is set in the font whose widths we know, ${bold ? 'semi-bold' : 'regular'}`, async () => {
    for (const text of ['Hamburgefonstiv', 'Smooth Grad-CAM++', 'Hσ = 0.15 ∂H']) {
      const style = `font-family="IBM Plex Sans" font-size="24" font-weight="${bold ? 600 : 400}"`;
      const file = await renderSvg(page(`<text x="20" y="40" ${style}>${text}</text>`));
      const [from, to] = ink(decodePicture(file, 'a.png'));
      const wanted = textWidth(text, { size: 24, bold });
      assert.ok(from >= 20 && from <= 24, `${text} begins at ${from}`);
      assert.ok(Math.abs(to - 20 - wanted) < 6, `${text} takes ${to - 20} pixels, ${wanted} expected`);
    }
  });
}

test('a panel of any text is drawn', async () => {
  const odd = [
    'a\uffffb',
    '\ufffe',
    '\ud800',
    '\udfff',
    '\0\x1b',
    '<b>&"\'',
    '\u202eabc',
    '犬😀',
    '\u0301\u0316'.repeat(500),
  ];
  for (const title of odd) {
    const svg = panelSvg({ title, subtitle: title, tiles: [], scale: [title, title] });
    assert.ok(decodePicture(await renderSvg(svg), 'a.png').width > 0, JSON.stringify(title));
  }
});

test.run();
