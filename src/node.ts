/** `jetgrad/node`: models and pictures in files. */

export {
  type FeatureMap,
  type LayerNeurons,
  type NeuronFacts,
  type NeuronOptions,
  neurons,
  type Strength,
} from './cam/neurons.ts';
export type { ColormapName, Rgb } from './image/colormap.ts';
export type { GroundOptions } from './image/ground.ts';
export { pixelMapLook } from './image/looks.ts';
export { type OutlineOptions, outline } from './image/outline.ts';
export { outlinePlace } from './image/outlinePlace.ts';
export { type MapLook, type OverlayOptions, overlay } from './image/overlay.ts';
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
export { parsePreprocessing } from './model/file/parsePreprocessing.ts';
export type { Differences, Drawing, FigureOptions, Format } from './node/explanation/figure.ts';
export { saveExplanation } from './node/explanation/saveExplanation.ts';
export type { SaveExplanationOptions } from './node/explanation/saveOptions.ts';
export { type LoadModelOptions, loadModel } from './node/loadModel.ts';
export { loadNpy, saveNpy } from './node/npyFiles.ts';
export { bundled } from './node/ownPackage.ts';
export { type DecodeOptions, decodePicture } from './node/pictures/decodePicture.ts';
export { encodePng } from './node/pictures/encodePng.ts';
export { loadPicture, saveOverlay, savePicture } from './node/pictures/pictureFiles.ts';
export { renderSvg } from './node/pictures/renderSvg.ts';
export { readLabels } from './node/readLabels.ts';
export { saveModel } from './node/saveModel.ts';
export { setThreads } from './node/setThreads.ts';
export { decodeNpy, encodeNpy } from './tensor/npy.ts';
