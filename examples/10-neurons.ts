/** The feature maps and neurons that a class rests on, and where in the picture they look. */
import { explain } from 'jetgrad';
import { preprocessFor } from 'jetgrad/image';
import { bundled, loadModel, loadPicture, neurons } from 'jetgrad/node';

const model = await loadModel(bundled.model);
const { input } = preprocessFor(model, await loadPicture(bundled.picture));
const explanation = await explain(model, input, { methods: ['gradcam++'] });
const { maps } = neurons(explanation, { model, maps: 'top:16', each: 4, by: 'share' });
const [{ k, neurons: strongest }] = maps;
console.log([k, strongest[0].field]); // [12, { y0: 0, x0: 51, y1: 44, x1: 96 }]
