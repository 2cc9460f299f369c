import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createAnnouncer, passesFor } from '../../../src/cli/explain/announceWork.ts';
import { createModel } from '../../../src/model/model.ts';
import { command, createFolder, network } from '../command.ts';

const test = suite('announceWork');

const speed = () => 1e10;

function announced(passes: { count: number; multiplyAdds: number }) {
  const notes: string[] = [];
  return { notes, announce: createAnnouncer({ note: (text) => notes.push(text) }, passes, speed) };
}

test('long work is told of before its first picture, short work is not', () => {
  const { notes, announce } = announced({ count: 101, multiplyAdds: 4e9 });
  announce(2);
  announce(1);
  assert.equal(notes, [
    'this takes about 45 s on this machine: 2 pictures, each 101 × a pass (4 G multiply-adds)',
  ]);
  const short = announced({ count: 101, multiplyAdds: 4e7 });
  short.announce(2);
  assert.equal(short.notes, []);
});

test('plans are told of once they are known, where they make it long or twice as long', () => {
  const { notes, announce } = announced({ count: 26, multiplyAdds: 3.5e8 });
  const tell = announce(1);
  tell?.({ name: 'linear-prefix', multiplyAdds: 8e7, work: 8e7, bytes: 0 }, 1);
  assert.equal(notes, []);
  tell?.({ name: 'linear-prefix', multiplyAdds: 8.7e10, work: 6e10, bytes: 0 }, 26);
  assert.equal(notes, [
    'this takes about 3 min on this machine: 26 × a pass (350 M multiply-adds), 1 × linear-prefix (80 M multiply-adds), 26 × linear-prefix (87 G multiply-adds)',
  ]);
  assert.is(announce(1), undefined);
});

test('passes are those that run: none where noise changes nothing, and backward ones for each class', () => {
  const model = createModel(network);
  const layout = { kind: 'NCHW' } as const;
  const plan = { model, layer: 'active', layout, classes: undefined, select: undefined };
  const flags = { method: ['gradcam', 'smoothgradcam++'], score: 'exp', sigma: 0.15, samples: 25 } as const;
  assert.is(passesFor(plan, flags), 1);
  assert.is(passesFor(plan, { ...flags, score: 'prob' }), 26);
  assert.is(passesFor(plan, { ...flags, score: 'prob', sigma: 0 }), 2);
  assert.is(passesFor(plan, { ...flags, score: 'prob', sigma: 'auto' }), 126);
  const smooth = { ...flags, method: ['smoothgrad'] } as const;
  assert.is(passesFor(plan, smooth), 101);
  assert.is(passesFor({ ...plan, classes: [1, { of: 0, against: 2 }] }, smooth), 176);
});

test('of short work explain says nothing', async () => {
  const { at, modelFile, pictureFile } = createFolder();
  const run = (...more: string[]) =>
    command([
      ...['explain', pictureFile('one.png'), '--model', modelFile('small.json'), '--method', 'smoothgrad'],
      ...['--samples', '3', '--out', at('out'), ...more],
    ]);
  assert.not.match((await run()).stderr, /this takes/);
});

test.run();
