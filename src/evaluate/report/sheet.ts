import { groundOf } from '../../image/ground.ts';
import { inputSizeOf } from '../../image/inputSizeOf.ts';
import { drawOver } from '../../image/overlay.ts';
import { preprocess } from '../../image/preprocess.ts';
import { INK, label, MUTED, whiteSheet } from '../../image/svgParts.ts';
import { encodePng } from '../../node/pictures/encodePng.ts';
import { renderSvg } from '../../node/pictures/renderSvg.ts';
import type { ClassKind, PictureResult } from '../result.ts';
import { fromSmallMap } from '../smallMap.ts';
import { isFailure, outcomeOf, type Work } from '../work.ts';
import type { Table } from './table.ts';

/** Pictures of a sheet. */
const COUNT = 8;
const SIDE = 150;
const GAP = 14;
const TEXT = 40;
const ACROSS = 2;

/** A picture, and how much better one method is on it than another. */
interface Ranked {
  readonly piece: number;
  readonly gain: number;
}

/** Two methods under a metric. */
export interface Duel {
  readonly kind: ClassKind;
  readonly metric: string;
  readonly better: 'more' | 'less';
  readonly of: string;
  readonly against: string;
}

const classOf = (result: PictureResult, kind: ClassKind) =>
  result.classes.find(({ as }) => as.includes(kind));

function resultOf(work: Work, piece: number): PictureResult | undefined {
  const outcome = outcomeOf(work, piece);
  return outcome === undefined || isFailure(outcome) ? undefined : outcome;
}

/** The pictures where a method gains most over another, and where it loses most: none where the two are alike. */
export function extremesOf(
  { pieces, columns }: Table,
  { metric, better, of, against }: Duel,
): { best: Ranked[]; worst: Ranked[] } {
  const [own, other] = [of, against].map((name) => columns.get(name)?.metrics[metric] ?? []);
  const sign = better === 'more' ? 1 : -1;
  const ranked = pieces
    .map((piece, i) => ({ piece, gain: sign * (own[i] - other[i]) }))
    .filter(({ gain }) => !Number.isNaN(gain))
    .sort((a, b) => b.gain - a.gain || a.piece - b.piece);
  return {
    best: ranked.filter(({ gain }) => gain > 0).slice(0, COUNT),
    worst: ranked
      .filter(({ gain }) => gain < 0)
      .reverse()
      .slice(0, COUNT),
  };
}

/** A picture under the maps of two methods, as part of an SVG. */
function tile(
  work: Work,
  { piece, gain }: Ranked,
  { duel, at: [x, y] }: { duel: Duel; at: readonly [number, number] },
): string {
  const result = resultOf(work, piece) as PictureResult;
  const evaluated = work.models[piece % work.models.length];
  const { picture } = work.set.read(Math.floor(piece / work.models.length));
  const { crop } = preprocess(picture, evaluated.preprocessing, inputSizeOf(evaluated.model));
  const ground = groundOf(picture, { crop, size: SIDE });
  const findings = classOf(result, duel.kind)?.findings ?? [];
  const images = [duel.against, duel.of].map((name, i) => {
    const map = findings.find((each) => each.name === name)?.map;
    const drawn = map === undefined ? ground.picture : drawOver(ground, fromSmallMap(map));
    const url = `data:image/png;base64,${Buffer.from(encodePng(drawn)).toString('base64')}`;
    return `<image x="${x + i * (SIDE + 4)}" y="${y}" width="${SIDE}" height="${SIDE}" href="${url}"/>`;
  });
  const room = 2 * SIDE;
  const values = [duel.against, duel.of].map((name) =>
    findings.find((each) => each.name === name)?.metrics[duel.metric]?.toFixed(2),
  );
  return [
    ...images,
    label(`${result.picture}: ${classOf(result, duel.kind)?.label ?? ''}`, [x, y + SIDE + 15], {
      size: 12,
      colour: INK,
      room,
    }),
    label(`${values[0]} → ${values[1]} (${gain > 0 ? 'better' : 'worse'})`, [x, y + SIDE + 30], {
      size: 11,
      colour: MUTED,
      room,
    }),
  ].join('');
}

/** A contact sheet as PNG: pairs of maps, the method that is held against on the left. */
export async function drawSheet(
  work: Work,
  ranked: readonly Ranked[],
  { duel, title }: { duel: Duel; title: string },
): Promise<Uint8Array> {
  const wide = ACROSS * (2 * SIDE + 4) + (ACROSS + 1) * GAP;
  const down = Math.ceil(ranked.length / ACROSS);
  const high = 44 + down * (SIDE + TEXT + GAP);
  const tiles = ranked.map((each, i) =>
    tile(work, each, {
      duel,
      at: [GAP + (i % ACROSS) * (2 * SIDE + 4 + GAP), 44 + Math.floor(i / ACROSS) * (SIDE + TEXT + GAP)],
    }),
  );
  const heading = label(title, [GAP, 27], { size: 14, colour: INK, bold: true, room: wide - 2 * GAP });
  return renderSvg(whiteSheet([wide, high], [heading, ...tiles]));
}
