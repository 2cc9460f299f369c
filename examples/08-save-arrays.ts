/** Saves a map as an array for NumPy; and an explanation with all that it was made of, drawn and as arrays. */
import { explain } from 'jetgrad';
import { preprocessFor } from 'jetgrad/image';
import { bundled, loadModel, loadNpy, loadPicture, saveExplanation, saveNpy } from 'jetgrad/node';

const model = await loadModel(bundled.model);
const picture = await loadPicture(bundled.picture);
const explanation = await explain(model, preprocessFor(model, picture).input, { methods: ['gradcam++'] });

await saveNpy('jetgrad-out/map.npy', explanation.maps['gradcam++'].raw);
console.log((await loadNpy('jetgrad-out/map.npy')).shape); // [16, 16]

const files = await saveExplanation('jetgrad-out/explained', explanation, {
  model,
  picture,
  format: ['png', 'npy'],
});
console.log(files.length); // 9
