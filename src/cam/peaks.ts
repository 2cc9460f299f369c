/** Whether a cell is above its neighbours; of equal ones the first in row-major order is. */
function isPeak(
  values: ArrayLike<number>,
  cell: number,
  [height, width]: readonly [number, number],
): boolean {
  const [row, column] = [Math.floor(cell / width), cell % width];
  for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
      const other = y * width + x;
      if (values[other] > values[cell] || (other < cell && values[other] === values[cell])) return false;
    }
  }
  return true;
}

/**
 * Cells y·W + x of a map of values ≥ 0, row-major, that are above 0 and no lower than any of their eight neighbours; highest first, ties to
 * the lower cell. Of neighbours that are equal the first is the peak.
 */
export function peaksOf(
  values: ArrayLike<number>,
  sides: readonly [height: number, width: number],
): number[] {
  const cells: number[] = [];
  for (let cell = 0; cell < values.length; cell++) {
    if (values[cell] > 0 && isPeak(values, cell, sides)) cells.push(cell);
  }
  return cells.sort((a, b) => values[b] - values[a] || a - b);
}
