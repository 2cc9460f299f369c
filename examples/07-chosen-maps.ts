/** The map that channels 0, 3 and 7 make by themselves. */
import { explain } from 'jetgrad';
import { preprocessFor } from 'jetgrad/image';
import { bundled, loadModel, loadPicture } from 'jetgrad/node';

const model = await loadModel(bundled.model);
const { input } = preprocessFor(model, await loadPicture(bundled.picture));
const select = { maps: [0, 3, 7] };
const { maps } = await explain(model, input, { methods: ['gradcam++'], select });
console.log(maps['gradcam++'].maps); // [0, 3, 7]
