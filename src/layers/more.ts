import { affineGrids } from './affineGrid.ts';
import { attentions } from './attention.ts';
import { bits } from './bits.ts';
import { choosing } from './choosing.ts';
import { control } from './control.ts';
import { ownRows } from './defineOperator.ts';
import { deformable } from './deformable.ts';
import { products } from './einsum.ts';
import { fused } from './fused.ts';
import { layers } from './index.ts';
import type { Layer, Layers } from './layer.ts';
import { regionMaxima } from './maxRoiPool.ts';
import { suppression } from './nonMaxSuppression.ts';
import { putting } from './putting.ts';
import { recurrentLayers } from './recurrent.ts';
import { regionMeans } from './roiAlign.ts';
import { running } from './running.ts';
import { sampling } from './sampling.ts';
import { sifting } from './sifting.ts';

/**
 * Operators that few networks need, by their ONNX names: attention in one node, Einstein's sums, regions and grids, deformable and recurrent layers, control flow, what ONNX Runtime fuses, bits of integers. Files opened
 * by `loadModel` and `openModel` have them; `createModel` is given them, so that a page takes no more than it uses.
 * @example
 * Object.hasOwn(moreOperators, 'RoiAlign') // true
 */
export const moreOperators: Readonly<Record<string, Layer>> = /* @__PURE__ */ ownRows({
  ...affineGrids,
  ...attentions,
  ...bits,
  ...choosing,
  ...control,
  ...deformable,
  ...fused,
  ...products,
  ...putting,
  ...recurrentLayers,
  ...regionMaxima,
  ...regionMeans,
  ...suppression,
  ...running,
  ...sampling,
  ...sifting,
});

/** Every operator that jetgrad has, by its ONNX name. */
export const allLayers: Layers = { ...layers, ...moreOperators };
