/** `jetgrad/node`: models and pictures in files. */

export type { ColormapName, Rgb } from './image/colormap.ts';
export { type DecodeOptions, decodePicture } from './image/node/decodePicture.ts';
export { encodePng } from './image/node/encodePng.ts';
export { type LoadModelOptions, loadModel } from './image/node/loadModel.ts';
export { loadPicture, saveOverlay, savePicture } from './image/node/pictures.ts';
export { renderSvg } from './image/node/renderSvg.ts';
export { saveModel } from './image/node/saveModel.ts';
export { setThreads } from './image/node/setThreads.ts';
export type { OutlineOptions } from './image/outline.ts';
export { type OverlayOptions, outline, overlay } from './image/overlay.ts';
export { type Panel, type PanelTile, panelSvg } from './image/panel.ts';
export type { Picture, Rectangle } from './image/picture.ts';
export {
  type InputSize,
  type Preprocessed,
  type PresetName,
  preprocess,
  presetFor,
} from './image/preprocess.ts';
export { preprocessFor } from './image/preprocessFor.ts';
export { parsePreprocessing } from './model/parsePreprocessing.ts';
export { decodeNpy, encodeNpy } from './tensor/npy.ts';
