/** Saves a map, and the derivatives that it is made of, as arrays for NumPy. */
import { explain } from 'jetgrad';
import { preprocessFor } from 'jetgrad/image';
import { bundled, loadModel, loadNpy, loadPicture, saveNpy } from 'jetgrad/node';

const model = await loadModel(bundled.model);
const { input } = preprocessFor(model, await loadPicture(bundled.picture));
const { maps, evidence } = await explain(model, input, { methods: ['gradcam++'] });
await saveNpy('jetgrad-out/map.npy', maps['gradcam++'].raw);
await saveNpy('jetgrad-out/d3.npy', evidence['gradcam++'].d3);
console.log((await loadNpy('jetgrad-out/map.npy')).shape); // [12, 12]
