import { cosOf, sinOf } from '../../tensor/elementary/trigonometric.ts';
import {
  both,
  box,
  disc,
  type Figure,
  grown,
  mirrored,
  type Point,
  polygon,
  ring,
  stroke,
  union,
  without,
} from './distance.ts';

function star(): Figure {
  const corners = Array.from({ length: 10 }, (_, i): Point => {
    const radius = i % 2 === 0 ? 0.96 : 0.42;
    const angle = (Math.PI * i) / 5;
    return [radius * sinOf(angle), -radius * cosOf(angle) + 0.05];
  });
  return grown(polygon(...corners), 0.04);
}

/** Source: the exact heart of I. Quilez, "2D distance functions": tip at (0, 0), the two arcs around (±1/4, 3/4). */
const heart: Figure = (u, v) => {
  const SIZE = 0.58;
  const [x, y] = [Math.abs(u) * SIZE, 0.55 - v * SIZE];
  if (x + y > 1) return (Math.sqrt((x - 0.25) ** 2 + (y - 0.75) ** 2) - Math.SQRT2 / 4) / SIZE;
  const along = 0.5 * Math.max(x + y, 0);
  const square = Math.min(x * x + (y - 1) ** 2, (x - along) ** 2 + (y - along) ** 2);
  return (Math.sqrt(square) * (x > y ? 1 : -1)) / SIZE;
};

const fish = without(
  union(
    both(disc([-0.22, 0.55], 0.98), disc([-0.22, -0.55], 0.98)),
    grown(polygon([0.38, 0], [0.92, -0.5], [0.78, 0], [0.92, 0.5]), 0.05),
  ),
  disc([-0.6, -0.12], 0.11),
);

const mushroom = union(
  both(disc([0, 0.02], 0.95), box([-1, -1], [1, 0.02], 0.1)),
  box([-0.3, -0.1], [0.3, 0.95], 0.16),
);

const key = union(
  ring([-0.52, 0], 0.46, 0.2),
  box([-0.12, -0.12], [0.98, 0.12], 0.05),
  box([0.42, 0], [0.6, 0.4], 0.04),
  box([0.76, 0], [0.95, 0.46], 0.04),
);

const mug = union(
  box([-0.82, -0.78], [0.38, 0.82], 0.16),
  without(ring([0.4, -0.02], 0.52, 0.27), box([-1, -1], [0.3, 1])),
);

const butterfly = mirrored(
  union(
    disc([0.54, -0.34], 0.42),
    disc([0.42, 0.42], 0.34),
    polygon([0, -0.3], [0.4, -0.5], [0.5, 0.5], [0, 0.35]),
    stroke([0, -0.5], [0, 0.72], 0.1),
    stroke([0.02, -0.5], [0.26, -0.92], 0.055),
  ),
);

const boat = union(
  grown(polygon([-0.9, 0.36], [0.9, 0.36], [0.55, 0.8], [-0.55, 0.8]), 0.06),
  stroke([-0.02, -0.9], [-0.02, 0.36], 0.06),
  polygon([-0.14, -0.9], [-0.14, 0.2], [-0.82, 0.2]),
  polygon([0.1, -0.72], [0.1, 0.2], [0.72, 0.2]),
);

/** The shapes of the classes by name, in the order of the classes: each fills about the unit disc and stands upright. */
export const classShapes: Readonly<Record<string, Figure>> = {
  star: star(),
  heart,
  moon: without(disc([0.08, 0], 0.95), disc([0.56, -0.08], 0.78)),
  arrow: grown(
    polygon([0, -0.93], [0.7, -0.2], [0.27, -0.2], [0.27, 0.9], [-0.27, 0.9], [-0.27, -0.2], [-0.7, -0.2]),
    0.05,
  ),
  fish,
  hourglass: polygon(
    [-0.7, -0.92],
    [0.7, -0.92],
    [0.7, -0.74],
    [0.1, 0],
    [0.7, 0.74],
    [0.7, 0.92],
    [-0.7, 0.92],
    [-0.7, 0.74],
    [-0.1, 0],
    [-0.7, -0.74],
  ),
  bolt: polygon([0.28, -1], [-0.58, 0.16], [-0.06, 0.16], [-0.3, 1], [0.6, -0.26], [0.08, -0.26], [0.52, -1]),
  key,
  mushroom,
  mug,
  butterfly,
  boat,
};

/** The classes that scenes show. */
export const sceneClasses: readonly string[] = Object.keys(classShapes);

/** Shapes of no class, which stand about in all scenes alike. */
export const otherShapes: readonly Figure[] = [
  disc([0, 0], 0.9),
  box([-0.8, -0.8], [0.8, 0.8], 0.12),
  box([-0.95, -0.45], [0.95, 0.45], 0.45),
  ring([0, 0], 0.92, 0.5),
  polygon([0, -0.9], [0.9, 0.75], [-0.9, 0.75]),
  union(box([-0.92, -0.28], [0.92, 0.28], 0.06), box([-0.28, -0.92], [0.28, 0.92], 0.06)),
  polygon([0, -0.95], [0.7, 0], [0, 0.95], [-0.7, 0]),
  both(disc([0, 0.3], 0.95), box([-1, -1], [1, 0.3])),
  polygon([-0.9, -0.55], [0.9, -0.55], [0.55, 0.6], [-0.55, 0.6]),
];
