/**
 * Draws pictures of the pages anew: `npm run pictures [NAME…]`, of segmentation, face, neurons, quantised. They are made by the command, of networks and pictures
 * that are in the repository or drawn by scripts; YuNet is of `JETGRAD_DATA`. Needs Debian's python3-onnx, python3-torch and python3-pil, which
 * quantise the network and write JPEG.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundled } from '../src/node.ts';
import { data } from '../test/support/check.ts';
import { drawQuantised } from './quantisedPicture.ts';
import { createReport } from './report.ts';

const docs = fileURLToPath(new URL('../docs/networks/', import.meta.url));
const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-pictures-'));
const page = (name: string) => join(docs, name);
const made = (name: string) => join(folder, name);

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Runs a command of jetgrad; its files are in the folder. */
function jetgrad(...args: readonly string[]): void {
  run(process.execPath, ['--import', 'tsx', main, ...args, '--quiet', '--out', folder]);
}

const TO_JPEG =
  'import sys; from PIL import Image; picture = Image.open(sys.argv[1]).convert("RGB"); picture.thumbnail((1440, 1440)); picture.save(sys.argv[2], quality=82, optimize=True)';

/** A drawing as a JPEG file of the pages. */
const publish = (png: string, name: string) => run('/usr/bin/python3', ['-c', TO_JPEG, png, page(name)]);

const methods = ['--method', 'gradcam,gradcam++,layercam'];
const yunet = data('models/yunet-n-dynamic.onnx');

interface Drawing {
  /** A file that it needs, which may not be there. */
  readonly needs?: string;
  draw(): Promise<void> | void;
}

const drawings: Readonly<Record<string, Drawing>> = {
  segmentation: {
    draw() {
      const network = ['--model', page('segmenter.onnx'), '--preprocess', 'unit'];
      jetgrad(
        'explain',
        page('shapes.png'),
        ...network,
        '--class',
        'disc,square',
        ...methods,
        '--draw',
        'grid',
      );
      publish(made('shapes.grid.png'), 'segmentation.jpg');
    },
  },
  face: {
    needs: yunet,
    draw() {
      writeFileSync(made('bgr.json'), JSON.stringify({ channels: 'BGR', scale: 1 }));
      const network = ['--model', yunet, '--preprocess', made('bgr.json')];
      jetgrad('explain', page('face.png'), ...network, '--box', '140,150', ...methods, '--draw', 'panel');
      publish(made('face.panel.png'), 'face.jpg');
    },
  },
  neurons: {
    draw() {
      jetgrad('neurons', bundled.picture, '--by', 'share', '--maps', 'top:6', '--each', '3');
      publish(made('atlas.png'), '../neurons.jpg');
    },
  },
  quantised: {
    async draw() {
      writeFileSync(made('quantised.png'), await drawQuantised(folder));
      publish(made('quantised.png'), 'quantised.jpg');
    },
  },
};

const report = createReport();
const asked = process.argv.slice(2);
try {
  for (const name of asked.length > 0 ? asked : Object.keys(drawings)) {
    const { needs, draw } = drawings[name];
    if (needs !== undefined && !existsSync(needs)) report.skip(name, `${needs} is not there`);
    else {
      await draw();
      report.check(name, true, `${name}.jpg`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
report.close();
