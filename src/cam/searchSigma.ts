import { defaults } from './defaults.ts';

/** One strength of noise that was tried: in how many of the samples looked at the clean picture's class was on top. */
export interface TriedSigma {
  readonly sigma: number;
  readonly onTop: number;
  /** Samples looked at: as many as settle the matter. */
  readonly samples: number;
}

/** Share of the samples in which the class has to be on top. */
const SHARE = 0.8;
/** Halvings of the interval in which σ lies. */
const HALVINGS = 6;
/** σ is found to so many places: what is printed can be given back. */
const PLACES = 4;

export interface SigmaSearch {
  /** All there are. */
  readonly samples: number;
  /** Samples looked at together. */
  readonly batch: number;
  /** In how many of `count` samples from `first` on the class is on top, under this noise. */
  onTop(sigma: number, first: number, count: number): Promise<number>;
  /** Told of each σ that was tried, with the most there may be. */
  onTried?(tried: number, most: number): void;
}

/** Looks at samples until it is certain whether the class is on top in enough of them. */
async function tryOut(sigma: number, { samples, batch, onTop }: SigmaSearch): Promise<TriedSigma> {
  const wanted = Math.ceil(SHARE * samples);
  let [first, top] = [0, 0];
  while (top < wanted && first - top <= samples - wanted) {
    const count = Math.min(batch, samples - first);
    top += await onTop(sigma, first, count);
    first += count;
  }
  return { sigma, onTop: top, samples: first };
}

const isKept = ({ onTop }: TriedSigma, samples: number) => onTop >= Math.ceil(SHARE * samples);

/**
 * The largest σ up to the default one at which the class stays on top in 80 % of the samples, by bisection, to a 64th of that; 0 where none
 * is found. No sample is run twice: no σ comes again.
 */
export async function searchSigma(search: SigmaSearch): Promise<{ sigma: number; tried: TriedSigma[] }> {
  const tried: TriedSigma[] = [];
  let [least, most] = [0, defaults.sigma as number];
  for (let sigma = most; tried.length <= HALVINGS; ) {
    const found = await tryOut(sigma, search);
    tried.push(found);
    search.onTried?.(tried.length, HALVINGS + 1);
    if (isKept(found, search.samples)) least = sigma;
    else most = sigma;
    if (least === most) break;
    sigma = Number(((least + most) / 2).toFixed(PLACES));
  }
  return { sigma: least, tried };
}
