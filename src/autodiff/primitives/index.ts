import type { Primitive } from '../primitive.ts';
import { addRow, mulRow, negRow, subRow } from './arithmetic.ts';
import { chooseRow, scaleRow } from './choose.ts';
import * as constant from './constant.ts';
import { cumsumRow } from './cumulative.ts';
import { divRow } from './division.ts';
import * as exponential from './exponential.ts';
import { extremeRow, maxPoolRow } from './extremes.ts';
import { putRow, takeRow } from './indexing.ts';
import { concatRow } from './joining.ts';
import { absRow, clipRow, leakyReluRow, maximumRow, minimumRow, reluRow, thresholdRow } from './piecewise.ts';
import { powerRow, powRow, reciprocalRow, softsignRow, sqrtRow } from './powers.ts';
import { convInputRow, convKernelRow, convRow, matmulRow } from './products.ts';
import { broadcastRow, reshapeRow, sumRow } from './shaping.ts';
import { erfcRow, erfRow, gaussRow } from './special.ts';
import * as trigonometric from './trigonometric.ts';

/** Every primitive there is: one test checks each row at its samples in every mode. */
export const primitives: readonly Primitive[] = [
  ...[addRow, divRow, mulRow, negRow, subRow, chooseRow, scaleRow, extremeRow, maxPoolRow, putRow, takeRow],
  ...[constant.signRow, constant.floorRow, constant.ceilRow, constant.roundRow],
  ...[constant.equalRow, constant.greaterRow, constant.lessRow, constant.argmaxRow],
  ...[exponential.expRow, exponential.expm1Row, exponential.logRow, exponential.log1pRow],
  ...[
    exponential.sigmoidRow,
    exponential.sigmoidSlopeRow,
    exponential.softplusRow,
    exponential.tanhRow,
    exponential.sinhRow,
    exponential.coshRow,
  ],
  ...[absRow, clipRow, leakyReluRow, maximumRow, minimumRow, reluRow, thresholdRow],
  ...[powerRow, powRow, reciprocalRow, softsignRow, sqrtRow, convInputRow, convKernelRow, convRow, matmulRow],
  ...[broadcastRow, concatRow, cumsumRow, reshapeRow, sumRow, erfRow, erfcRow, gaussRow],
  ...[trigonometric.sinRow, trigonometric.cosRow, trigonometric.tanRow, trigonometric.atanRow],
  ...[trigonometric.asinRow, trigonometric.acosRow],
  ...[trigonometric.asinhRow, trigonometric.acoshRow, trigonometric.atanhRow],
  ...[trigonometric.asinSlopeRow, trigonometric.asinhSlopeRow],
  ...[trigonometric.acoshSlopeRow, trigonometric.atanhSlopeRow],
] as readonly Primitive[];
