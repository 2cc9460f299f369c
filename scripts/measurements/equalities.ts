import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { explain } from '../../src/cam/explain.ts';
import { preprocessFor } from '../../src/image/preprocessFor.ts';
import type { Model } from '../../src/model/model.ts';
import { loadPicture } from '../../src/node/pictures/pictureFiles.ts';
import { largestOf } from '../../src/tensor/largest.ts';
import { fromData, type Tensor } from '../../src/tensor/tensor.ts';
import { averagedMap } from '../../test/support/averagedMap.ts';
import { data, fixture } from '../../test/support/check.ts';
import { bundled, bundledPicture, classifiers, type Network, open, present } from './networks.ts';

const SAMPLES = 9;
const SIGMA = 0.15;

interface Measured extends Network {
  input(model: Model): Promise<Tensor>;
}

const prepared = (path: string) => async (model: Model) =>
  preprocessFor(model, await loadPicture(path)).input;

/** The networks of golden derivatives, with the inputs that these are of; of the shared ones those that are not among the tests'. */
function goldens(): Measured[] {
  const shared = data('goldens');
  const names = (folder: string) => readdirSync(folder).filter((file) => file.endsWith('.onnx'));
  const folders = [fixture('goldens'), ...(existsSync(shared) ? [shared] : [])];
  const paths = new Map(
    folders.toReversed().flatMap((folder) => names(folder).map((file) => [file, folder])),
  );
  return [...paths].sort().map(([file, folder]) => ({
    name: `golden ${file.slice(0, -5)}`,
    path: `${folder}/${file}`,
    async input() {
      const golden = JSON.parse(readFileSync(`${folder}/${file.replace('.onnx', '.json')}`, 'utf8'));
      return fromData(Float32Array.from(golden.input.data as number[]), golden.input.shape as number[]);
    },
  }));
}

/** The largest difference between the averaged map and Grad-CAM++'s, each divided by its maximum; undefined where the map is empty. */
async function differenceAt(model: Model, input: Tensor, layer: string) {
  const { maps, classIndex } = await explain(model, input, {
    ...{ layer, samples: SAMPLES, sigma: SIGMA, methods: ['gradcam++', 'smoothgradcam++'] },
  });
  const { equals, empty } = maps['smoothgradcam++'];
  if (maps['gradcam++'].empty !== undefined || (empty !== undefined && equals === undefined))
    return undefined;
  const averaged = await averagedMap(model, input, { layer, classIndex, samples: SAMPLES, sigma: SIGMA });
  const plain = Array.from(maps['gradcam++'].normalized.data);
  const largest = largestOf(
    plain.map((value, i) => Math.abs(value - averaged.data[i])),
    0,
  );
  return { largest, reason: equals?.reason };
}

const exponent = (value: number) => (value === 0 ? '0' : value.toExponential(1));

/**
 * Where Smooth Grad-CAM++ is known to be Grad-CAM++: rows of network, layer, shape, what is known of the head, and the largest difference
 * where the passes are run all the same; of all other layers of a network, how many there are and how far their maps differ.
 */
export async function equalityRows(skip: (path: string) => void): Promise<string[][]> {
  const rows: string[][] = [];
  const own = [{ ...bundled, input: prepared(bundledPicture) }];
  const picture = data('images/both.png');
  const trained = existsSync(picture)
    ? classifiers.map((each) => ({ ...each, input: prepared(picture) }))
    : [];
  for (const network of [...own, ...present(trained, skip), ...goldens()] as Measured[]) {
    const model = await open(network);
    const input = await network.input(model);
    const layers = model.layers.filter(({ isCandidate, shape }) => isCandidate && shape?.length === 4);
    const others: number[] = [];
    for (const { tensor, shape } of layers) {
      const found = await differenceAt(model, input, tensor);
      if (found === undefined) continue;
      if (found.reason === undefined) others.push(found.largest);
      else
        rows.push([
          network.name,
          tensor,
          String(shape?.slice(1).join(' × ')),
          found.reason,
          exponent(found.largest),
        ]);
    }
    if (others.length === 0) continue;
    const [least, most] = [Math.min(...others), Math.max(...others)];
    const range = others.length === 1 ? exponent(most) : `${exponent(least)} … ${exponent(most)}`;
    rows.push([
      network.name,
      `${others.length} other${others.length === 1 ? '' : 's'}`,
      '',
      'not known',
      range,
    ]);
  }
  return rows;
}
