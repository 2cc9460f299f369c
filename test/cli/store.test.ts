import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { command, createFolder } from './command.ts';

const test = suite('jetgrad store');
const { at, file } = createFolder();
file('file', 'x');

const refusals: readonly (readonly [argv: readonly string[], words: RegExp])[] = [
  [[], /missing required argument 'folder'; see jetgrad store --help/],
  [[at('none')], /Cannot serve .*none: there is no such folder; give that of evaluate --out/],
  [[at('file')], /Cannot serve .*file: it is a file/],
  [[at(), '--host', '0.0.0.0'], /others would reach it; set JETGRAD_STORE_TOKEN to a secret/],
  [[at(), '--host', '::'], /others would reach it/],
  [[at(), '--host', '127.0.0.1.example.org'], /others would reach it/],
  [[at(), '--port', '70000'], /--port 70000: it must be a whole number from 0 to 65535/],
];

for (const [args, words] of refusals) {
  test(`refuses ${args.slice(1).join(' ') || args.length} in words`, async () => {
    const { code, stderr } = await command(['store', ...args]);
    assert.is(code, 2, stderr);
    assert.match(stderr, words);
  });
}

test.run();
