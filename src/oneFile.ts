/** What a page may need in one file, `dist/jetgrad.min.js`: core, image, onnx and page. */
export * from './core.ts';
export * from './image/index.ts';
export * from './onnx/index.ts';
export * from './page/index.ts';
