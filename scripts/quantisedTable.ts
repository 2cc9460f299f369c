/**
 * A network beside its quantised form, on photographs: `node --import tsx scripts/quantisedTable.ts FLOAT.onnx INT8.onnx PHOTOGRAPH…`. How
 * many of the five likeliest classes are the same, and how the maps of the float network's class correlate, as a table of Markdown.
 */
import { basename } from 'node:path';
import { explain } from '../src/cam/explain.ts';
import { loadModel, loadPicture, preprocessFor } from '../src/node.ts';
import { contiguous, type Tensor } from '../src/tensor/tensor.ts';

const [floatPath, narrowPath, ...photographs] = process.argv.slice(2);
if (floatPath === undefined || narrowPath === undefined || photographs.length === 0) {
  console.error('Cannot compare: usage: quantisedTable.ts FLOAT.onnx INT8.onnx PHOTOGRAPH…');
  process.exit(2);
}

/** Pearson's correlation of two maps. */
function correlation(a: Tensor, b: Tensor): number {
  const [x, y] = [a, b].map((map) => {
    const data = Array.from(contiguous(map).data);
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    return data.map((value) => value - mean);
  });
  const dot = (u: readonly number[], v: readonly number[]) =>
    u.reduce((sum, value, i) => sum + value * v[i], 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}

const [whole, narrow] = await Promise.all([floatPath, narrowPath].map((path) => loadModel(path)));
const methods = ['gradcam', 'gradcam++'] as const;
console.log('| photograph | class | in eight bits | of the five likeliest | Grad-CAM | Grad-CAM++ |');
console.log('|---|---|---|---|---|---|');
for (const path of photographs) {
  const { input } = preprocessFor(whole, await loadPicture(path));
  const wide = await explain(whole, input, { methods });
  const other = await explain(narrow, input, { methods, class: wide.classIndex });
  const same = wide.top.filter(({ classIndex }) => other.top.some((each) => each.classIndex === classIndex));
  const maps = methods.map((name) => correlation(wide.maps[name].raw, other.maps[name].raw).toFixed(4));
  const percent = (p: number) => `${(100 * p).toFixed(1)} %`;
  const [first] = wide.top;
  const [best] = other.top;
  console.log(
    `| ${basename(path)} | ${first.classIndex}, ${percent(first.probability)} | ${best.classIndex}, ${percent(best.probability)} | ${same.length} | ${maps.join(' | ')} |`,
  );
}
