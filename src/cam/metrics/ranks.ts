/** Ranks from 1, the mean rank for equals. */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let i = from; i < to; i++) ranks[order[i]] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/** Pearson's correlation; 0 where one of the two is constant. */
export function correlationOf(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const count = x.length;
  let [meanX, meanY] = [0, 0];
  for (let i = 0; i < count; i++) {
    meanX += x[i] / count;
    meanY += y[i] / count;
  }
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const [dx, dy] = [x[i] - meanX, y[i] - meanY];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  const scale = Math.sqrt(xx) * Math.sqrt(yy);
  return scale > 0 ? Math.min(1, Math.max(-1, xy / scale)) : 0;
}

/** Spearman's rank correlation, equals sharing their ranks; 0 where one of the two is constant. */
export const rankCorrelation = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
  correlationOf(ranksOf(x), ranksOf(y));
