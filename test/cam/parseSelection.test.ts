import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseMaps, parseNeuron, parseRegion, parseSelection } from '../../src/cam/parseSelection.ts';
import { InputError } from '../../src/tensor/errors.ts';

const test = suite('parseSelection');

function refuses(parse: (text: string) => unknown, texts: readonly string[], form: string): void {
  for (const text of texts) {
    assert.throws(
      () => parse(text),
      (error: unknown) =>
        error instanceof InputError && error.message.includes(`"${text}"`) && error.message.includes(form),
      `"${text}" must be refused`,
    );
  }
}

test('maps', () => {
  assert.equal(parseMaps('3,17'), [3, 17]);
  assert.equal(parseMaps('5'), [5]);
  assert.equal(parseMaps(' 1, 2 '), [1, 2]);
  assert.equal(parseMaps('top:8'), { top: 8 });
  refuses(parseMaps, ['', '3,', '3;17', '-1', '1.5', 'top:', 'top:0', 'top:-2', 'top:x', 'all'], 'top:8');
});

test('neuron', () => {
  assert.equal(parseNeuron('12:3,4'), { k: 12, y: 3, x: 4 });
  refuses(
    parseNeuron,
    ['', '12', '12:3', '12,3,4', '1,2:3,4', '1:2:3', '1:2,3,4', ':1,2', '1:2,-3'],
    'k:y,x',
  );
});

test('region', () => {
  assert.equal(parseRegion('0,1,7,14'), { y0: 0, x0: 1, y1: 7, x1: 14 });
  refuses(
    parseRegion,
    ['', '1,2,3', '1,2,3,4,5', '2,0,2,4', '0,4,2,4', 'a,0,1,1', '-1,0,1,1'],
    'y0,x0,y1,x1',
  );
});

test('together', () => {
  assert.is(parseSelection({}), undefined);
  assert.is(parseSelection({ neurons: [] }), undefined);
  assert.equal(parseSelection({ maps: 'top:2', region: '0,0,1,1', neurons: ['1:0,0', '2:0,0'] }), {
    maps: { top: 2 },
    region: { y0: 0, x0: 0, y1: 1, x1: 1 },
    neurons: [
      { k: 1, y: 0, x: 0 },
      { k: 2, y: 0, x: 0 },
    ],
  });
});

test.run();
