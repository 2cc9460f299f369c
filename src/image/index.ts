/** `jetgrad/image`: pictures in memory, as networks take them and as maps are drawn over them; for pages and Node alike. */

export { parsePreprocessing } from '../model/file/parsePreprocessing.ts';
export { type CellBox, cellsOn, thresholdBox } from './cells.ts';
export { type ColormapName, colormapNames, colourOf, type Rgb } from './colormap.ts';
export { contourLevels } from './contours.ts';
export type { GroundOptions } from './ground.ts';
export { type HeatmapOptions, heatmap } from './heatmap.ts';
export { type PageImageData, type PixelData, pictureOf, toImageData } from './imageData.ts';
export { pixelMapLook } from './looks.ts';
export { type OutlineOptions, outline } from './outline.ts';
export { outlinePlace } from './outlinePlace.ts';
export { type MapLook, type OverlayOptions, overlay } from './overlay.ts';
export { type Panel, type PanelTile, panelSvg } from './panel.ts';
export type { Picture, Rectangle } from './picture.ts';
export { pictureOfInput } from './pictureOfInput.ts';
export {
  type InputSize,
  type Preprocessed,
  type PresetName,
  preprocess,
  presetFor,
} from './preprocess.ts';
export { preprocessFor } from './preprocessFor.ts';
export { resizePicture } from './resizePicture.ts';
