import explainerUrl from 'jetgrad/explainer?url';
import { toImageData } from 'jetgrad/image';
import { createExplainer } from 'jetgrad/page';
import modelUrl from 'jetgrad/weights/scenes-vgg.json?url';

const explainer = await createExplainer(explainerUrl, modelUrl);
const [input, text, canvas] = document.querySelectorAll('input, p, canvas');
input.onchange = async () => {
  const { label, overlays } = await explainer.explain(input.files[0], { draw: { size: 480 } });
  [canvas.width, canvas.height] = [overlays.gradcam.width, overlays.gradcam.height];
  canvas.getContext('2d').putImageData(toImageData(overlays.gradcam), 0, 0);
  text.textContent = label;
};
