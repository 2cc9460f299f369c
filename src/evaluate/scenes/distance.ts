/**
 * Figures of the plane as signed distances: below 0 inside, 0 on the outline, above 0 outside, with a slope of 1 near the outline, so that
 * half a pixel of distance is half a pixel of paint. v points down.
 */
export type Figure = (u: number, v: number) => number;

/** A point of the plane. */
export type Point = readonly [u: number, v: number];

const length = (u: number, v: number): number => Math.sqrt(u * u + v * v);

/** The disc of a radius around a point. */
export const disc =
  ([u0, v0]: Point, radius: number): Figure =>
  (u, v) =>
    length(u - u0, v - v0) - radius;

/** The disc of a radius with a round hole in it. */
export const ring =
  ([u0, v0]: Point, radius: number, hole: number): Figure =>
  (u, v) =>
    Math.abs(length(u - u0, v - v0) - (radius + hole) / 2) - (radius - hole) / 2;

/** The upright rectangle from one corner to the other, its corners rounded. */
export function box([u0, v0]: Point, [u1, v1]: Point, round = 0): Figure {
  const [centreU, centreV] = [(u0 + u1) / 2, (v0 + v1) / 2];
  const [halfU, halfV] = [(u1 - u0) / 2 - round, (v1 - v0) / 2 - round];
  return (u, v) => {
    const [du, dv] = [Math.abs(u - centreU) - halfU, Math.abs(v - centreV) - halfV];
    return length(Math.max(du, 0), Math.max(dv, 0)) + Math.min(0, Math.max(du, dv)) - round;
  };
}

/** All points nearer than a radius to the line between two points. */
export function stroke([u0, v0]: Point, [u1, v1]: Point, radius: number): Figure {
  const [du, dv] = [u1 - u0, v1 - v0];
  const square = du * du + dv * dv;
  return (u, v) => {
    const along = Math.min(1, Math.max(0, ((u - u0) * du + (v - v0) * dv) / square));
    return length(u - u0 - along * du, v - v0 - along * dv) - radius;
  };
}

/** The polygon of these corners, in order; it need not be convex. */
export function polygon(...corners: readonly Point[]): Figure {
  const sides = corners.length;
  const us = Float64Array.from([...corners, corners[0]], ([u]) => u);
  const vs = Float64Array.from([...corners, corners[0]], ([, v]) => v);
  return (u, v) => {
    let square = Number.POSITIVE_INFINITY;
    let isInside = false;
    for (let i = 0; i < sides; i++) {
      const du = us[i + 1] - us[i];
      const dv = vs[i + 1] - vs[i];
      const fromU = u - us[i];
      const fromV = v - vs[i];
      const along = Math.min(1, Math.max(0, (fromU * du + fromV * dv) / (du * du + dv * dv)));
      const eu = fromU - along * du;
      const ev = fromV - along * dv;
      square = Math.min(square, eu * eu + ev * ev);
      // A ray to the right crosses this side.
      if (vs[i] > v !== vs[i + 1] > v && u < us[i] + (du * fromV) / dv) isInside = !isInside;
    }
    return isInside ? -Math.sqrt(square) : Math.sqrt(square);
  };
}

/** What lies in any of them. */
export function union(...figures: readonly Figure[]): Figure {
  return (u, v) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < figures.length; i++) nearest = Math.min(nearest, figures[i](u, v));
    return nearest;
  };
}

/** What lies in both. */
export const both =
  (a: Figure, b: Figure): Figure =>
  (u, v) =>
    Math.max(a(u, v), b(u, v));

/** What lies in the first and not in the second. */
export const without =
  (a: Figure, b: Figure): Figure =>
  (u, v) =>
    Math.max(a(u, v), -b(u, v));

/** The figure and its mirror image on the left, for one that is drawn on the right. */
export const mirrored =
  (figure: Figure): Figure =>
  (u, v) =>
    figure(Math.abs(u), v);

/** The same figure with corners rounded outwards. */
export const grown =
  (figure: Figure, by: number): Figure =>
  (u, v) =>
    figure(u, v) - by;
