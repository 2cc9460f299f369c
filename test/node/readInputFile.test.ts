import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSmallJson } from '../../src/node/readInputFile.ts';

const test = suite('readInputFile');

const bytes = (text: string) => new TextEncoder().encode(text);
const refuses = (file: Uint8Array, why: RegExp) =>
  assert.throws(
    () => parseSmallJson(file, 'a.json'),
    (error: Error) => error.name === 'InputError' && why.test(error.message),
  );

test('the value of a small JSON file', () => {
  assert.equal(parseSmallJson(bytes('{"scale": 1}'), 'a.json'), { scale: 1 });
});

test('what is no JSON, no text, or large, is refused before it is parsed', () => {
  refuses(bytes('{"scale": 1'), /^Cannot read a\.json: it is not JSON, or it is cut short$/);
  refuses(bytes('{}\0'), /it is not a text file/);
  refuses(Uint8Array.of(0xff), /it is not a text file/);
  refuses(bytes('['.repeat(2 ** 20)), /it is not JSON/);
  refuses(
    bytes('['.repeat(2 ** 20 + 1)),
    /it asks for 1048577 bytes, and a preprocessing file may have 1048576$/,
  );
});

test.run();
