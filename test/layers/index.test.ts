import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mul } from '../../src/autodiff/operations.ts';
import type { Layers } from '../../src/layers/layer.ts';
import { allLayers as layers } from '../../src/layers/more.ts';
import { operatorSamples, wrongSample } from '../support/operatorSamples.ts';

const test = suite('operators');

test('every table of operators is in the list, and no two have the same name', async () => {
  const folder = new URL('../../src/layers/', import.meta.url);
  const names: string[] = [];
  for (const file of readdirSync(folder).filter(
    (each) => each.endsWith('.ts') && !/^(index|more)\.ts$/.test(each),
  )) {
    const module = (await import(new URL(file, folder).href)) as Record<string, unknown>;
    for (const table of Object.values(module)) if (isTable(table)) names.push(...Object.keys(table));
  }
  assert.equal(names.sort(), Object.keys(layers).sort());
});

function isTable(value: unknown): value is Layers {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every(
    (each) => typeof (each as { evaluate?: unknown }).evaluate === 'function',
  );
}

test('every sample is of an operator that there is', () => {
  const unknown = operatorSamples.filter(({ op }) => layers[op] === undefined);
  assert.equal(
    unknown.map(({ op }) => op),
    [],
  );
});

test('a value that is wrong by 1e-12 is caught', () => {
  const sample = operatorSamples.find(({ op }) => op === 'Mish');
  assert.ok(sample);
  const wrong: Layers = {
    Mish: {
      ...layers.Mish,
      evaluate: ([x], attributes, context) => {
        const y = layers.Mish.evaluate([x], attributes, context);
        return 'shape' in y ? mul(1 + 1e-12, y) : y;
      },
    },
  };
  assert.is(wrongSample(layers, sample), undefined);
  assert.match(String(wrongSample(wrong, sample)), /entry 0 is/);
});

test.run();
