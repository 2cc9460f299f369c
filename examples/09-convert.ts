/** A network from ONNX to JSON, with the names of its classes from a file and a preprocessing by its name. */
import { writeFileSync } from 'node:fs';
import { bundled, loadModel, readLabels, saveModel } from 'jetgrad/node';

// Here the network that comes with jetgrad stands for one from elsewhere, such as VGG-16 with the labels of ImageNet.
await saveModel(await loadModel(bundled.model), 'jetgrad-out/vgg.onnx');
writeFileSync('jetgrad-out/labels.txt', [...'abcdefghijkl'].join('\n'));

const labels = readLabels('jetgrad-out/labels.txt');
await saveModel(
  await loadModel('jetgrad-out/vgg.onnx', { labels, preprocessing: 'unit' }),
  'jetgrad-out/vgg.json',
);
const { labels: kept, inputs } = await loadModel('jetgrad-out/vgg.json');
console.log(kept?.at(-1)); // 'l'
console.log(inputs[0].preprocessing?.scale); // 1 / 255
