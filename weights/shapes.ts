/** Whether a point of the unit disc's surroundings lies inside a shape; v points down, shapes stand upright. */
export type Shape = (u: number, v: number) => boolean;

const star: Shape = (u, v) => {
  const turn = (Math.atan2(u, -v) * 5) / (2 * Math.PI);
  const within = Math.abs(turn - Math.round(turn)) * 2; // 0 at a tip, 1 between two
  return Math.hypot(u, v) < 1 / (1 + 1.45 * within);
};

const heart: Shape = (u, v) => {
  const x = u * 1.25;
  const y = -v * 1.25 + 0.1;
  return (x * x + y * y - 1) ** 3 - x * x * y * y * y < 0;
};

const arrow: Shape = (u, v) =>
  (Math.abs(u) < 0.27 && v > -0.2 && v < 1) || (v <= -0.1 && v > -1 && Math.abs(u) < (v + 1) * 0.92);

const fish: Shape = (u, v) => {
  const body = Math.hypot((u + 0.2) / 0.78, v / 0.5) < 1;
  const tail = u > 0.35 && u < 1 && Math.abs(v) < (u - 0.3) * 0.85;
  const eye = Math.hypot(u + 0.58, v + 0.1) < 0.1;
  return (body || tail) && !eye;
};

/** The shapes by class name, in the order of the classes. */
export const shapes: Readonly<Record<string, Shape>> = {
  star,
  ring: (u, v) => Math.abs(Math.hypot(u, v) - 0.74) < 0.24,
  cross: (u, v) => Math.max(Math.abs(u), Math.abs(v)) < 0.95 && Math.min(Math.abs(u), Math.abs(v)) < 0.3,
  heart,
  moon: (u, v) => Math.hypot(u, v) < 0.98 && Math.hypot(u - 0.5, v + 0.08) > 0.78,
  arrow,
  fish,
  hourglass: (u, v) => Math.abs(v) < 0.95 && Math.abs(u) < 0.14 + 0.66 * Math.abs(v),
};

export const classNames: readonly string[] = Object.keys(shapes);
