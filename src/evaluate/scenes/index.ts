/** Pictures whose objects are known: what maps of a network are measured on. */
export {
  createScene,
  type Occurrence,
  SCENE_SIZE,
  type Scene,
  type SceneBox,
  type SceneOptions,
} from './scene.ts';
export { sceneClasses } from './shapes.ts';
