import type { Explanation } from '../../cam/explanation.ts';
import type { LayerNeurons, NeuronFacts } from '../../cam/neurons.ts';
import { pairOfExplanation } from '../../cam/pairText.ts';
import { cellsOn } from '../../image/cells.ts';
import type { Rectangle } from '../../image/picture.ts';
import type { PreparedImage } from '../explain/prepareImages.ts';

/** A receptive field on the photograph, in its pixels. */
function onPicture({ field }: NeuronFacts, { input, crop }: PreparedImage): Rectangle | undefined {
  return field && cellsOn(field, input.shape.slice(-2), crop);
}

/** All numbers of a plate as JSON; true w, D1, D2 and D3 are exp(logScale) times those written. */
export function neuronsJson(found: LayerNeurons, explanation: Explanation, image: PreparedImage): string {
  const { maps, weights, ...rest } = found;
  const { classIndex, against } = pairOfExplanation(explanation);
  const document = {
    image: image.path,
    ...{ classIndex, label: explanation.label, against },
    ...rest,
    share: 'w·A / Σ|w·A|, over all maps and neurons of the layer',
    weights: Array.from(weights),
    maps: maps.map(({ activation, neurons, ...map }) => ({
      ...map,
      neurons: neurons.map((neuron) => ({ ...neuron, onPicture: onPicture(neuron, image) })),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const columns = [
  ...[
    'map',
    'rank',
    'weight',
    'map_share',
    'y',
    'x',
    'activation',
    'd1',
    'd2',
    'd3',
    'alpha',
    'share',
    'log_scale',
  ],
  ...['picture_x', 'picture_y', 'picture_width', 'picture_height'],
];

/** The same, a line for each neuron (RFC 4180); the receptive field in pixels of the photograph. */
export function neuronsCsv({ maps, logScale }: LayerNeurons, image: PreparedImage): string {
  const lines = maps.flatMap((map) =>
    map.neurons.map((neuron) => {
      const { k, y, x, activation, d1, d2, d3, alpha, share } = neuron;
      const field = onPicture(neuron, image);
      return [
        ...[k, map.rank, map.weight, map.share, y, x, activation, d1, d2, d3, alpha ?? '', share, logScale],
        ...(field === undefined ? ['', '', '', ''] : [field.x, field.y, field.width, field.height]),
      ].join(',');
    }),
  );
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}
