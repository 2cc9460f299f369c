import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { backend, newDevice, setBackend, sharedDevice } from '../../../src/tensor/kernels/backend.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { same } from '../../support/check.ts';
import { explainNetwork } from '../../support/explainNetwork.ts';

const test = suite('backend');
const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Said {
  readonly backend: { readonly name: string; readonly reason?: string };
  readonly outputs: readonly number[];
  readonly d2: readonly number[];
}

/** What a process says in which the platform is crippled before anything computes. */
async function sayIn(crippled: string): Promise<Said> {
  const script = `
    const { backend } = await import('./src/tensor/kernels/backend.ts');
    const { explainNetwork } = await import('./test/support/explainNetwork.ts');
    ${crippled};
    const said = await explainNetwork();
    console.log(JSON.stringify({ backend: backend(), ...said }));
    process.exit();`;
  const { stdout } = await run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: root,
  });
  return JSON.parse(stdout);
}

test('another name is refused', () => {
  for (const name of ['gpu', '', undefined]) {
    assert.throws(
      () => setBackend(name as never),
      (error: Error) =>
        error.name === 'InputError' && /it must be wasm or reference, got /.test(error.message),
    );
  }
  assert.is(backend().name, 'wasm');
});

test('what is set computes; the reference has no memory of its own', async () => {
  assert.equal(backend(), { name: 'wasm' });
  const shared = sharedDevice();
  assert.ok(shared !== undefined && newDevice() !== undefined && newDevice() !== shared);
  assert.is(sharedDevice(), shared);
  await onEngine(engines[0], () => {
    assert.equal(backend(), { name: 'reference' });
    assert.is(newDevice(), undefined);
    assert.is(sharedDevice(), undefined);
  });
  assert.is(sharedDevice(), shared);
});

const refuse = (what: string) =>
  `WebAssembly.${what} = class { constructor() { throw new Error('forbidden by the policy') } }`;
const platforms: [string, string, RegExp][] = [
  ['no module may be compiled', refuse('Module'), /^WebAssembly is not available: forbidden by the policy$/],
  ['there is no shared memory', refuse('Memory'), /^WebAssembly is not available: forbidden by the policy$/],
  ['no module may be linked', refuse('Instance'), /^WebAssembly is not available: forbidden by the policy$/],
  ['there is no WebAssembly', 'delete globalThis.WebAssembly', /^WebAssembly is not available: ./],
];

for (const [name, crippled, reason] of platforms) {
  test(`where ${name} the reference takes over, says why, and computes everything`, async () => {
    const said = await sayIn(crippled);
    assert.is(said.backend.name, 'reference');
    assert.match(said.backend.reason ?? '', reason);
    const wanted = await onEngine(engines[0], explainNetwork);
    same(said.outputs, wanted.outputs, 'float32 outputs');
    same(said.d2, wanted.d2, 'D2');
  });
}

test.run();
