/** `jetgrad/scores`: scores by name, of detectors' boxes, of segmentations' pixels, and as expressions over outputs. */
export type { BoxLayoutName } from '../boxes/layouts.ts';
export type { PresetScore } from './presets.ts';
export { type ScoreChosen, type ScoreForOptions, scoreFor } from './scoreFor.ts';
