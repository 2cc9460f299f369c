import type { Selection } from '../../cam/select.ts';

/** A selection in words, as the command takes it: "maps 3,17, neurons 12:3,4, region 0,0,7,14"; empty without one. */
export function selectionText({ maps, neurons, region }: Selection = {}): string {
  const cells = neurons?.map(({ k, y, x }) => `${k}:${y},${x}`).join(' ');
  return [
    ...(maps === undefined ? [] : [`maps ${'top' in maps ? `top:${maps.top}` : maps.join()}`]),
    ...(cells === undefined ? [] : [`neurons ${cells}`]),
    ...(region === undefined ? [] : [`region ${[region.y0, region.x0, region.y1, region.x1].join()}`]),
  ].join(', ');
}
