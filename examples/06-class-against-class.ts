/** Grad-CAM for z_a − z_b: what speaks for one class rather than for another. */
import { explain } from 'jetgrad';
import { preprocessFor } from 'jetgrad/image';
import { bundled, loadModel, loadPicture, saveOverlay } from 'jetgrad/node';

const model = await loadModel(bundled.model);
const picture = await loadPicture(bundled.picture);
const { input, crop } = preprocessFor(model, picture);
const pair = { of: 1, against: 2 };
const { explained, against, maps } = await explain(model, input, { class: pair, methods: ['gradcam'] });
await saveOverlay('jetgrad-out/contrast.png', picture, maps.gradcam.normalized, { crop });
console.log([explained.label, against?.label]); // ['heart', 'moon']
