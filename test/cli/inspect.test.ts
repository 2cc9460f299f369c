import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { command, createFolder, network } from './command.ts';

const test = suite('jetgrad inspect');
const { modelFile } = createFolder();
const model = modelFile('small.json');

test('a table of layers, the default marked, totals, and what the model says of itself', async () => {
  const { code, stdout } = await command(['inspect', model]);
  assert.is(code, 0);
  for (const line of [
    /^input +image {2}float32 \[N, 3, 8, 8\]$/m,
    /^output +z\/out:0 {2}float32 \[N, 4\]$/m,
    /^opset +17, by test$/m,
    /^labels +4$/m,
    /^preprocessing +RGB, \(byte \/ 255 − \[0\.5, 0\.5, 0\.5\]\) \/ \[0\.25, 0\.25, 0\.25\]$/m,
    /^• +0 {2}conv +Conv +features +\[1, 5, 8, 8\] +NCHW +135 +8,640$/m,
    /^→ +1 {2}act +Relu +active +\[1, 5, 8, 8\] +NCHW$/m,
    /^5 nodes, 155 parameters, 8\.66 k multiply-adds$/m,
    /^→ active is explained by default: the last NCHW that every path from image crosses and whose cells reach the logits$/m,
  ]) {
    assert.match(stdout, line);
  }
});

test('as JSON', async () => {
  const { code, stdout } = await command(['inspect', model, '--json']);
  assert.is(code, 0);
  const found = JSON.parse(stdout);
  assert.is(found.defaultLayer, 'active');
  assert.equal(found.totals, { parameters: 155, multiplyAdds: 8660 });
  assert.equal(found.layers[0], {
    ...{ index: 0, name: 'conv', op: 'Conv', tensor: 'features', shape: [1, 5, 8, 8] },
    ...{ parameters: 135, multiplyAdds: 8640, layout: { kind: 'NCHW' }, reaches: true, isCandidate: true },
  });
  assert.equal(found.unsupported, []);
});

test('a network without a layer to explain is told so', async () => {
  const nodes = [{ name: 'flat', op: 'Flatten', inputs: ['image'], outputs: ['z/out:0'], attributes: {} }];
  const flat = modelFile('flat.json', { ...network, nodes });
  const { code, stdout } = await command(['inspect', flat]);
  assert.is(code, 0);
  assert.match(stdout, /^no layer can be explained: none is a map that all paths cross$/m);
  assert.not.ok(stdout.includes('null'));
});

test('escapes of names do not reach the terminal, and JSON has names whole', async () => {
  const long = 'n'.repeat(100_000);
  const title = '\x1b]0;t\x07';
  const nodes = network.nodes.map((node, i) => ({ ...node, name: i === 0 ? long : `${node.name}${title}` }));
  const odd = modelFile('odd.json', { ...network, name: `odd${title}`, nodes });
  const table = await command(['inspect', odd]);
  assert.is(table.code, 0);
  assert.not.ok(table.stdout.includes('\x1b'));
  assert.match(table.stdout, /act\\u001b\]0;t\\u0007 +Relu/);
  assert.ok(table.stdout.length < 10_000);
  const json = await command(['inspect', odd, '--json']);
  const { layers } = JSON.parse(json.stdout);
  assert.equal([layers[0].name, layers[1].name], [long, `act${title}`]);
  const refused = await command(['run', odd, '--input', `${title}=x`, '--out', 'x']);
  assert.is(refused.code, 2);
  assert.not.ok(refused.stderr.includes('\x1b'));
});

test('unsupported operations: the nodes all the same, then all of them in one sentence, and 2', async () => {
  const nodes = network.nodes.map((node, i) => (i % 2 === 0 ? { ...node, op: `Odd${i}` } : node));
  const path = modelFile('odd.json', { ...network, nodes });
  const { code, stdout, stderr } = await command(['inspect', path]);
  assert.is(code, 2);
  assert.match(stdout, /0 {2}conv +Odd0 +features +\? +135/);
  assert.match(stdout, /5 nodes, 155 parameters$/m);
  assert.match(stderr, /^error: .*operations Odd0, Odd2, Odd4; code can add them by defineOperator\n$/);
  const json = await command(['inspect', path, '--json']);
  assert.equal(JSON.parse(json.stdout).unsupported, ['Odd0', 'Odd2', 'Odd4']);
});

test.run();
