import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { backend, newDevice, setBackend } from '../../../src/tensor/kernels/backend.ts';
import { kernelModule } from '../../../src/tensor/kernels/wasm/device.ts';
import { platform } from '../../../src/tensor/kernels/wasm/platform.ts';

const test = suite('memory that runs out');

test('a memory that cannot be had is named, until one can', () => {
  setBackend('wasm');
  kernelModule();
  const { WebAssembly } = platform;
  const globals = globalThis as unknown as { WebAssembly: unknown };
  assert.ok(newDevice());
  class Memory {
    constructor() {
      throw new RangeError('could not allocate memory');
    }
  }
  globals.WebAssembly = {
    ...WebAssembly,
    Module: WebAssembly.Module,
    Instance: WebAssembly.Instance,
    Memory,
  };
  try {
    assert.is(newDevice(), undefined);
    assert.is(backend().name, 'reference');
    assert.match(backend().reason ?? '', /could not allocate memory/);
  } finally {
    globals.WebAssembly = WebAssembly;
  }
  assert.ok(newDevice());
  assert.equal(backend(), { name: 'wasm' });
});

test.run();
