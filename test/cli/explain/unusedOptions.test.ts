import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { unusedOptions } from '../../../src/cli/explain/unusedOptions.ts';
import { command, createFolder } from '../command.ts';

const test = suite('options that no method reads');
const { at, modelFile, pictureFile } = createFolder();

test('they are named, with the methods that would read them', () => {
  assert.is(
    unusedOptions(['score', 'layer', 'sigma', 'samples'], ['gradcam']),
    'gradcam does not read --score (read by gradcam++, smoothgradcam++, gradcam++normalised, smoothgradcam++printed and shapleycam) and --sigma and --samples (read by smoothgradcam++, smoothgrad and smoothgradcam++printed)',
  );
  assert.is(
    unusedOptions(['numerator'], ['gradcam', 'layercam']),
    'gradcam and layercam do not read --numerator (read by gradcam++, smoothgradcam++ and gradcam++normalised)',
  );
  assert.is(unusedOptions(['score', 'seed', 'out'], ['gradcam', 'smoothgradcam++']), undefined);
});

test('explain warns once of what was typed, not of defaults', async () => {
  const run = ['explain', pictureFile('x.png'), '--model', modelFile('small.json'), '--method', 'gradcam'];
  const plain = await command([...run, '--out', at('plain')]);
  assert.is(plain.stderr, '');
  const { code, stderr } = await command([...run, '--score', 'prob', '--seed', '3', '--out', at('typed')]);
  assert.is(code, 0);
  assert.match(stderr, /^warning: gradcam does not read --score \(read by .*\) and --seed \(read by .*\)\n$/);
});

test.run();
