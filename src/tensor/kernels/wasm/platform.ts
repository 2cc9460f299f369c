/** The part of the platform that the kernels need; neither the language's types nor Node's describe it in full. */

/** A compiled module; opaque, and may be sent to threads. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

/** A WebAssembly memory, by what is used of it: the platform's types are not everywhere. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  /** By pages of 64 KiB. */
  grow(pages: number): number;
}

interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

interface Platform {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => WasmModule;
    readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => WasmMemory;
    readonly Instance: new (module: WasmModule, imports: { env: { memory: WasmMemory } }) => WasmInstance;
  };
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency: number };
  readonly Worker?: new (url: string) => { postMessage(message: unknown): void; terminate(): void };
}

/** The global object, as far as it is there: read anew at each use, so that importing asks for nothing. */
export const platform = globalThis as unknown as Platform;
