import { readFileSync, symlinkSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeNpy } from '../../src/tensor/npy.ts';
import { full, tensor } from '../../src/tensor/tensor.ts';
import { command, createFolder, network } from './command.ts';

const test = suite('unusable input');
const { at, file, listing, modelFile, pictureFile } = createFolder();

const model = modelFile('small.json');
const onnx = modelFile('small.onnx');
const picture = pictureFile('one.png');
const png = readFileSync(picture);
const text = readFileSync(model, 'utf8');
const input = file('x.npy', encodeNpy(full([1, 3, 8, 8], 0.5)));
const npy = readFileSync(input);
const [conv, ...others] = network.nodes;
const odd = [{ ...conv, op: 'Conv9' }, others[0], { ...others[1], op: 'Other' }, ...others.slice(2)];

const bad = {
  empty: file('empty', ''),
  cutPicture: file('cut.png', png.subarray(0, png.length - 20)),
  cutModel: file('cut.onnx', readFileSync(onnx).subarray(0, 300)),
  cutJson: file('cut.json', text.slice(0, 900)),
  otherJson: file('other.json', '{"format": "something"}'),
  newer: file('newer.json', text.replace('jetgrad-model/1', 'jetgrad-model/2')),
  changed: file('changed.json', text.replace(/("sha256":")./, '$1-')),
  list: file('list.json', '[]'),
  foreign: modelFile('odd.onnx', { ...network, nodes: odd }),
  twoInputs: modelFile('two.json', {
    ...network,
    inputs: [...network.inputs, { name: 'v', shape: [5, 4], dtype: 'float32' }],
    tensors: new Map([...network.tensors].filter(([name]) => name !== 'v')),
  }),
  labels: file('labels.txt', 'a\nb\nc\n'),
  cutNpy: file('cut.npy', npy.subarray(0, npy.length - 5)),
  otherNpy: file('shape.npy', encodeNpy(full([1, 3, 7, 8], 0.5))),
  twoImages: file('batch.npy', encodeNpy(full([2, 3, 8, 8], 0.5))),
  nan: file('nan.npy', encodeNpy(tensor(new Array(192).fill(Number.NaN), [1, 3, 8, 8]))),
  preprocessing: file('pre.json', '{"channels": "CMYK"}'),
};
const same = file('one.jpg', '');
const longName = pictureFile(`${'a'.repeat(240)}.png`);
symlinkSync(at('nowhere'), at('link'));

const explain = (...flags: string[]) => ['explain', picture, '--model', model, '--out', at('no'), ...flags];
const run = (...flags: string[]) => ['run', model, '--out', at('no'), ...flags];
const diagonal = (...flags: string[]) => ['diagonal', model, '--input', input, '--layer', 'active', ...flags];
const write = ['--out', at('no')];

/** Arguments, and what the one line must say. */
const cases: readonly (readonly [argv: readonly string[], says: RegExp])[] = [
  [[], /give a command: explain, .*; see jetgrad --help/],
  [['--quiet'], /give a command/],
  [['explian'], /unknown command 'explian' \(Did you mean explain\?\)/],
  [['--frobnicate'], /unknown option '--frobnicate'/],
  [['explain'], /missing required argument 'image'; see jetgrad explain --help/],
  [['inspect', model, model], /too many arguments/],
  [explain('--layr', 'x'), /unknown option '--layr' \(Did you mean --layer\?\)/],
  [explain('--sigma'), /argument missing/],
  [explain('--sigma', '-1'), /--sigma -1: it must be a number of at least 0/],
  [explain('--samples', '0'), /--samples 0: it must be a whole number of at least 1/],
  [explain('--seed', '1.5'), /--seed 1.5/],
  [explain('--score', 'lgit'), /did you mean "logit"\?/],
  [explain('--score', 'logit'), /score logit: .*use --score exp/],
  [explain('--method', 'gradcam+++'), /did you mean "gradcam\+\+"\?/],
  [explain('--numerator', 'third'), /second or first/],
  [explain('--format', 'gif'), /png, npy or json/],
  [explain('--class', '4'), /class 4: the model has 4 classes, 0 … 3/],
  [explain('--class', 'crane'), /"crane", give an index: 2 match: 1 crane; 2 crane, machine/],
  [explain('--class', 'dogg'), /did you mean "dog"\?/],
  [explain('--layer', 'activ'), /the layer "activ" in small.*did you mean "active"\?/],
  [explain('--layer', '5'), /an index below 5/],
  [explain('--layer', 'flat'), /what its axes \[1, 5\] mean is not known/],
  [explain('--maps', '5'), /a map must be in 0 … 4, got 5/],
  [explain('--maps', 'top'), /read maps "top"/],
  [explain('--neuron', '1:2'), /read neuron "1:2"/],
  [explain('--neuron', '0:8,0'), /row y must be in 0 … 7/],
  [explain('--region', '0,0,9,9'), /0 ≤ y0 < y1 ≤ 8/],
  [explain('--labels', bad.labels), /there are 3, the model small has 4 classes/],
  [explain('--labels', picture), /not a text file/],
  [explain('--labels', bad.empty), /empty: the file is empty/],
  [explain('--preprocess', 'imagnet'), /did you mean "imagenet"\?/],
  [explain('--preprocess', bad.preprocessing), /pre\.json.*channels/],
  [explain('--preprocess', at('none.json')), /there is no such file/],
  [explain('--out', picture), /one\.png is a file/],
  [explain('--max-pixels', '63'), /8 × 8 pixels, and a picture may have 63; --max-pixels raises the bound/],
  [explain('--max-pixels', '0'), /--max-pixels 0: it must be a whole number of at least 1/],
  [explain('--max-memory', 'much'), /--max-memory much: it must be a number of bytes/],
  [explain('--out', ''), /Cannot write to "": it names no folder/],
  [explain('--out', at('link')), /link is a link to what is not there/],
  [['explain', longName, '--model', model, ...write], /its name has \d+ bytes, and 255 are the most/],
  [run('--input', input, '--out', ''), /it names no folder/],
  [diagonal('--out', ''), /it names no folder/],
  [['explain', picture, same, '--model', model, ...write], /explain both .*one\.png and .*one\.jpg/],
  [['explain', bad.cutPicture, '--model', model, ...write], /cut\.png: .*cut short/],
  [['explain', bad.empty, '--model', model, ...write], /empty: the file is empty/],
  [['explain', model, '--model', model, ...write], /small\.json: it is neither PNG nor JPEG/],
  [['explain', at('none.png'), '--model', model, ...write], /none\.png: there is no such file/],
  [['explain', picture, '--model', picture, ...write], /one\.png: .*PNG/],
  [['explain', picture, '--model', bad.twoInputs, ...write], /takes image, v, one picture is all there is/],
  [['explain', picture, '--model', bad.foreign, ...write], /operations Conv9, Other/],
  [['inspect', bad.empty], /empty: the file is empty/],
  [['inspect', bad.cutModel], /cut\.onnx: .*cut short/],
  [['inspect', bad.cutJson], /cut\.json: .*not JSON, or it is cut short/],
  [['inspect', bad.otherJson], /other\.json: format must be "jetgrad-model\/1"/],
  [['inspect', bad.newer], /newer\.json: .*update jetgrad/],
  [['inspect', bad.changed], /changed\.json: .*SHA-256/],
  [['inspect', bad.list], /list\.json: /],
  [['inspect', at()], /it is a folder/],
  [['inspect', bad.foreign], /operations Conv9, Other/],
  [['convert', model], /missing required argument 'out'/],
  [['convert', model, at('no.txt')], /must end in \.json or \.onnx/],
  [['convert', model, model], /it is an input; choose another name or folder/],
  [['convert', onnx, at('no.json'), '--labels', bad.labels], /there are 3/],
  [['convert', picture, at('no.json')], /one\.png: .*PNG/],
  [run(), /no file for image; give --input image=FILE, an \.npy file or a picture/],
  [['run', model, '--input', input], /required option '--out/],
  [run('--input', `imag=${input}`), /NAME one of image; did you mean "image"\?/],
  [run('--input', input, '--input', input), /image is given twice/],
  [run('--input', bad.cutNpy), /cut\.npy: /],
  [run('--input', bad.empty), /empty: the file is empty/],
  [run('--input', bad.cutPicture), /cut\.png: .*cut short/],
  [run('--input', bad.otherNpy), /must have shape \[N, 3, 8, 8\], got \[1, 3, 7, 8\]/],
  [run('--input', input, '--precision', 'float16'), /float32 or float64/],
  [['run', bad.twoInputs, '--input', `image=${input}`, ...write], /no file for v/],
  [diagonal(), /give a folder by --out/],
  [diagonal('--plan', 'jet', ...write), /did you mean "jets"\?/],
  [diagonal('--order', '21', ...write), /from 1 to 20/],
  [diagonal('--class', 'nobody', ...write), /no label has that name/],
  [diagonal('--layer', 'logits', ...write), /the layer "logits"/],
  [diagonal('--input', bad.twoImages, ...write), /takes one input \[1, 3, 8, 8\], got \[2, 3, 8, 8\]/],
  [diagonal('--input', bad.otherNpy, ...write), /got \[1, 3, 7, 8\]/],
  [diagonal('--input', bad.nan, ...write), /entry 0 is NaN/],
  [diagonal('--input', bad.cutNpy, ...write), /cut\.npy/],
];

const before = listing();

for (const [argv, says] of cases) {
  const name = argv.map((word) => word.replace(at(''), '')).join(' ');
  test(`jetgrad ${name}`, async () => {
    const { code, stderr } = await command(argv);
    assert.match(stderr, says);
    assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.match(stderr, /^error: /);
    assert.is(code, 2);
    assert.equal(listing(), before);
  });
}

test.run();
