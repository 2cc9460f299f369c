import type { LayerNeurons } from '../../cam/neurons.ts';
import { colourBar, FRAME, INK, label, MUTED } from '../svgParts.ts';
import { percent } from './columns.ts';
import { type Atlas, imageHref, seenSides } from './plate.ts';
import { HEAD, seenUnder } from './tile.ts';

type Place = readonly [x: number, y: number];

/** Part of the plate beside the maps: what is drawn, and where it ends. */
export interface Drawing {
  readonly svg: string;
  readonly bottom: number;
}

/** As above the maps, so that the pictures of a row begin on one line. */
const CAPTION = HEAD;
const BETWEEN = 34;
const FOR = '#b3392f';
const AGAINST = '#2f66ad';
const REST = '#c9c9ce';

const captions = (title: string, detail: string, [x, y]: Place, room: number) =>
  label(title, [x, y + 14], { size: 16, colour: INK, bold: true, room }) +
  label(detail, [x, y + 34], { size: 12, colour: MUTED, room });

/** The whole photograph; what the network did not see is pale. */
function drawPhotograph({ photograph }: Atlas, [x, y]: Place, room: number): Drawing {
  const [width, height] = seenSides(photograph, room);
  const scale = width / photograph.width;
  const top = y + CAPTION;
  const { seen } = photograph;
  const [sx, sy] = [x + seen.x * scale, top + seen.y * scale];
  const [sw, sh] = [seen.width * scale, seen.height * scale];
  const isWhole = sw > width - 1 && sh > height - 1;
  const box = `x="${x}" y="${top}" width="${width}" height="${height}"`;
  const path = `M${x} ${top}h${width}v${height}h${-width}zM${sx} ${sy}h${sw}v${sh}h${-sw}z`;
  const pale = isWhole ? '' : `<path d="${path}" fill="#fff" fill-opacity="0.6" fill-rule="evenodd"/>`;
  const sides = `${photograph.sides.width} × ${photograph.sides.height}${isWhole ? '' : ', pale where the network did not look'}`;
  return {
    svg: [
      captions(photograph.name, sides, [x, y], room),
      `<image ${box} preserveAspectRatio="none" href="${imageHref(photograph)}"/>`,
      pale,
      `<rect ${box} fill="none" stroke="${FRAME}"/>`,
    ].join(''),
    bottom: top + height,
  };
}

/** The map of the class over what the network saw. */
function drawWhole(atlas: Atlas, [x, y]: Place, room: number): Drawing {
  const { whole, photograph } = atlas;
  const [width, height] = seenSides(photograph.seen, room);
  const picture = { x, y: y + CAPTION, width, height };
  const bar = { x, y: picture.y + height + 9, width: room, height: 6 };
  const svg = [
    captions(whole.title, whole.detail, [x, y], room),
    seenUnder(atlas, whole, picture),
    colourBar(bar, ['0', 'each map up to its maximum'], 'ember'),
  ];
  return { svg: svg.join(''), bottom: bar.y + 28 };
}

/** A bar for each feature map by |w_k|, those on the plate in colour: red for the class, blue against it. */
function drawWeights({ weights, maps }: LayerNeurons, [x, y]: Place, room: number): Drawing {
  const HEIGHT = 96;
  const strengths = [...weights.keys()].sort((a, b) => Math.abs(weights[b]) - Math.abs(weights[a]) || a - b);
  const most = Math.abs(weights[strengths[0]]) || 1;
  const shown = new Set(maps.map(({ k }) => k));
  const step = room / strengths.length;
  const base = y + CAPTION + HEIGHT;
  const bars = strengths.map((k, i) => {
    const height = (HEIGHT * Math.abs(weights[k])) / most;
    const colour = shown.has(k) ? (weights[k] < 0 ? AGAINST : FOR) : REST;
    const gap = step > 3 ? 1 : 0;
    return height < 0.05
      ? ''
      : `<rect x="${(x + i * step).toFixed(2)}" y="${(base - height).toFixed(2)}" width="${(step - gap).toFixed(2)}" height="${height.toFixed(2)}" fill="${colour}"/>`;
  });
  const held = maps.reduce((sum, { share }) => sum + Math.abs(share), 0);
  const small = { size: 12, colour: MUTED } as const;
  const ends = [
    label('strongest', [x, base + 17], { ...small, room: room / 2 }),
    label('weakest', [x + room, base + 17], { ...small, room: room / 2, anchor: 'end' }),
  ];
  const title = `|w| of all ${strengths.length} maps`;
  const detail = `the ${maps.length} on this plate bring ${percent(held)} of Σ|w·A|`;
  const line = `<rect x="${x}" y="${base}" width="${room}" height="1" fill="${INK}"/>`;
  return { svg: [captions(title, detail, [x, y], room), ...bars, line, ...ends].join(''), bottom: base + 18 };
}

/** What stands beside the maps: photograph, map of the class, and weights. */
export function aside(atlas: Atlas, [x, y]: Place, room: number): Drawing {
  const parts = [
    (at: Place) => drawPhotograph(atlas, at, room),
    (at: Place) => drawWhole(atlas, at, room),
    (at: Place) => drawWeights(atlas.neurons, at, room),
  ];
  let bottom = y - BETWEEN;
  const drawn = parts.map((draw) => {
    const part = draw([x, bottom + BETWEEN]);
    bottom = part.bottom;
    return part.svg;
  });
  return { svg: drawn.join('\n'), bottom };
}
