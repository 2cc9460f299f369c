import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkImages, prepareImage } from '../../../src/cli/explain/prepareImages.ts';
import { PNG_SIGNATURE, pngChunk, pngHeader } from '../../../src/node/pictures/pngChunk.ts';
import { createFolder, plain } from '../command.ts';

const test = suite('prepareImages');
const { file, pictureFile } = createFolder();
const preparing = { preprocessing: plain, size: { channels: 3, height: 8, width: 8 } };
const good = pictureFile('good.png', 20, 12);
const png = readFileSync(good);
const cut = file('cut.png', png.subarray(0, png.length - 20));

/** A PNG file that says so many pixels and has none. */
function headerOf(width: number, height: number): Uint8Array {
  const header = pngHeader({ width, height, depth: 8, colour: 0, interlaced: false });
  const none = new Uint8Array();
  const chunks = [pngChunk('IHDR', header), pngChunk('IDAT', none), pngChunk('IEND', none)];
  return Buffer.concat([PNG_SIGNATURE, ...chunks]);
}
const large = file('large.png', headerOf(8100, 8000));

const refusal = (run: Promise<unknown>) => run.then(String, (error: Error) => error.message);

test('pictures are checked in order and read when their turn comes', async () => {
  const [image] = await checkImages([good], preparing);
  assert.is(image.name, 'good');
  const changed = pictureFile('good.png', 9, 9);
  assert.is(changed, good);
  const { picture, input } = await prepareImage(image, image.read(), preparing);
  assert.equal([picture.width, picture.height, ...input.shape], [9, 9, 1, 3, 8, 8]);
  writeFileSync(good, png);
});

test('the first pictures are decoded; behind many pixels the header is enough', async () => {
  assert.match(await refusal(checkImages([good, cut], preparing)), /cut\.png: it is damaged/);
  const raised = { ...preparing, maxPixels: 1e8 };
  assert.is((await checkImages([large, cut, good], raised)).length, 3);
  assert.match(
    await refusal(checkImages([large, file('text.png', 'text'), good], raised)),
    /neither PNG nor JPEG/,
  );
});

test('more pixels than may be are refused wherever they stand', async () => {
  assert.match(
    await refusal(checkImages([large], preparing)),
    /8100 × 8000 pixels, and a picture may have 50000000/,
  );
  const huge = file('huge.png', headerOf(20_000, 20_000));
  const raised = { ...preparing, maxPixels: 1e8 };
  assert.match(
    await refusal(checkImages([large, huge], raised)),
    /huge\.png: .*--max-pixels raises the bound/,
  );
});

test.run();
