import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawnSize, type Panel, type PanelTile, panelSvg } from '../../src/image/panel.ts';

const test = suite('panel');

function panel(count: number, width = 224, height = 224): Panel {
  const tile = { png: Uint8Array.of(1, 2, 3), width, height, title: 'Grad-CAM', detail: 'score logit' };
  return {
    title: '242 boxer',
    subtitle: 'p = 0.15',
    tiles: Array.from({ length: count }, (_, i) => ({ ...tile, title: `map ${i}` })),
    scale: ['0', 'maximum'],
  };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The boxes of all elements of a kind. */
function boxes(svg: string, element: string): Box[] {
  const pattern = new RegExp(
    `<${element} x="([\\d.]+)" y="([\\d.]+)" width="([\\d.]+)" height="([\\d.]+)"`,
    'g',
  );
  return [...svg.matchAll(pattern)].map(([, ...box]) => {
    const [x, y, width, height] = box.map(Number);
    return { x, y, width, height };
  });
}

const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

test('a square picture is drawn 320 pixels wide, others with the same area', () => {
  assert.equal(drawnSize({ width: 64, height: 64 }), [320, 320]);
  assert.equal(drawnSize({ width: 900, height: 600 }), [392, 261]);
  assert.equal(drawnSize({ width: 600, height: 900 }), [261, 392]);
  assert.equal(drawnSize({ width: 4000, height: 400 }), [440, 44]);
  assert.equal(
    drawnSize({ width: 1, height: 9000 }),
    [1, 440].map((side) => Math.max(1, side)),
  );
});

test('labels stand in reading order, the pictures are embedded', () => {
  const svg = panelSvg(panel(2));
  assert.equal(texts(svg), [
    '242 boxer',
    'p = 0.15',
    'map 0',
    'score logit',
    'map 1',
    'score logit',
    '0',
    'maximum',
  ]);
  assert.is(svg.match(/href="data:image\/png;base64,AQID"/g)?.length, 2);
  assert.match(svg, /<title>242 boxer: p = 0.15<\/title>/);
  assert.is(svg, panelSvg(panel(2)));
});

test('pictures never overlap nor leave the page, whatever their number and shape', () => {
  for (const [width, height] of [
    [224, 224],
    [900, 600],
    [400, 900],
    [3000, 200],
  ]) {
    for (let count = 1; count <= 13; count++) {
      const svg = panelSvg(panel(count, width, height));
      const [, pageWidth, pageHeight] = /width="(\d+)" height="(\d+)"/.exec(svg)!.map(Number);
      assert.ok(pageWidth <= 1800, `${pageWidth}`);
      const images = boxes(svg, 'image');
      assert.is(images.length, count);
      for (const [i, a] of images.entries()) {
        assert.ok(
          a.x >= 32 && a.y >= 110 && a.x + a.width <= pageWidth - 32 && a.y + a.height <= pageHeight - 60,
        );
        for (const b of images.slice(0, i)) {
          const apart = a.x >= b.x + b.width + 20 || b.x >= a.x + a.width + 20 || a.y >= b.y + b.height + 70;
          assert.ok(apart, `${count} pictures of ${width} × ${height}: ${i}`);
        }
      }
    }
  }
});

test('many pictures are in rows of even length', () => {
  const rows = (count: number) => {
    const lengths = new Map<number, number>();
    for (const { y } of boxes(panelSvg(panel(count)), 'image')) lengths.set(y, (lengths.get(y) ?? 0) + 1);
    return [...lengths.values()];
  };
  assert.equal(rows(5), [5]);
  assert.equal(rows(6), [3, 3]);
  assert.equal(rows(7), [4, 3]);
  assert.equal(rows(11), [4, 4, 3]);
});

test('long labels are shortened, special ones escaped', () => {
  const long = { ...panel(1), title: `<b> & "${'x'.repeat(200)}\u0007` };
  const [title] = texts(panelSvg(long));
  assert.ok(title.startsWith('&lt;b&gt; &amp; &quot;xxx') && title.endsWith('…') && title.length < 80, title);
  assert.not.ok(panelSvg(long).includes('\u0007'));
});

test('characters that XML forbids become spaces, others stay', () => {
  const title = 'a\uffffb\ufffec\ud800d\udfffe\0f\x1bg😀\ue000\ufffd';
  const svg = panelSvg({ ...panel(1), title });
  assert.is(texts(svg)[0], 'a b c d e f g😀\ue000\ufffd');
  assert.ok(svg.includes('<title>a b c d e f g😀\ue000\ufffd: '));
});

test('the colour bar has the colours of the map that is used', () => {
  const svg = panelSvg({ ...panel(1), colormap: 'lagoon' });
  assert.match(svg, /id="jetgrad-lagoon"><stop offset="0" stop-color="rgb\(26,17,61\)"\/>/);
  assert.match(svg, /<stop offset="1" stop-color="rgb\(253,249,120\)"\/>/);
});

test('a place that is left free stays free', () => {
  const three = panel(3);
  const svg = panelSvg({ ...three, columns: 2, tiles: [three.tiles[0], undefined, three.tiles[2]] });
  const full = panelSvg({ ...three, columns: 2 });
  const places = (text: string) => boxes(text, 'image').map(({ x, y }) => [x, y]);
  assert.equal(places(svg), [places(full)[0], places(full)[2]]);
});

test('a picture may have a colour bar of its own, and the page none for all', () => {
  const { scale: _, ...bare } = panel(2);
  const [first, second] = bare.tiles as PanelTile[];
  const svg = panelSvg({ ...bare, tiles: [first, { ...second, scale: ['0', 'maximum 0.31'] }] });
  assert.equal(texts(svg).slice(-2), ['0', 'maximum 0.31']);
  assert.is(svg.match(/fill="url\(#jetgrad-ember\)"/g)?.length, 1);
  const [bar] = boxes(svg, 'rect').slice(-1);
  const [, picture] = boxes(svg, 'image');
  assert.equal([bar.x, bar.width], [picture.x, picture.width]);
  assert.ok(bar.y > picture.y + picture.height);
  const [, pageHeight] = /height="(\d+)"/.exec(svg)!.map(Number);
  assert.ok(bar.y + bar.height + 17 < pageHeight - 32, `${bar.y} of ${pageHeight}`);
});

test('a grid has as many columns as it is told', () => {
  const rows = new Set(boxes(panelSvg({ ...panel(6), columns: 2 }), 'image').map(({ y }) => y));
  assert.is(rows.size, 3);
});

test('the bar of diverging colours goes from their low end to the high one', () => {
  const svg = panelSvg({ ...panel(1), colormap: 'tide' });
  assert.match(svg, /<stop offset="0" stop-color="rgb\(18,55,128\)"\/>/);
  assert.match(svg, /<stop offset="1" stop-color="rgb\(119,0,22\)"\/>/);
});

test.run();
