import { repeated } from '../general/repeated.ts';
import {
  BATCH,
  CHAIN_START,
  chainOf,
  type GeneralTask,
  mlpData,
  rosenbrockData,
  taskOf,
  WIDTHS,
} from '../general/tasks.ts';
import { importPeer } from '../peers.ts';
import { type Arrays, type Contender, wantGeneral } from './contender.ts';

/** Its arrays are counted: whoever takes one uses it up, and `ref` keeps one more. */
interface Jax {
  readonly ref: Jax;
  add(x: Jax | number): Jax;
  sub(x: Jax): Jax;
  mul(x: Jax | number): Jax;
  slice(range: readonly [number, number]): Jax;
  reshape(shape: readonly number[]): Jax;
  dispose(): void;
  dataSync(): Float32Array;
}

type JaxFunction = (...xs: Jax[]) => Jax[];

/** What we use of jax-js; functions take arrays and give lists of them. */
interface JaxLibrary {
  readonly numpy: {
    array(values: Float32Array | number): Jax;
    matmul(x: Jax, y: Jax): Jax;
    square(x: Jax): Jax;
    sin(x: Jax): Jax;
    sum(x: Jax): Jax;
  };
  readonly nn: { softplus(x: Jax): Jax };
  grad(f: (...xs: Jax[]) => Jax, options?: { argnums: readonly number[] }): (...xs: Jax[]) => Jax;
  hessian(f: (x: Jax) => Jax): (x: Jax) => Jax;
  jvp<T>(f: (x: Jax) => T, xs: readonly [Jax], dxs: readonly [Jax]): [T, T];
  jit(f: JaxFunction): JaxFunction;
  init(device: string): Promise<unknown>;
}

/** A function and the arrays it is called with. */
interface Prepared {
  readonly f: JaxFunction;
  readonly xs: readonly Jax[];
}

/** [c0, …, c_order] of f at t along 1, times k!: one jvp in another. */
function derivativesOf({ jvp, numpy }: JaxLibrary, f: (t: Jax) => Jax, order: number): (t: Jax) => Jax[] {
  let line: (t: Jax) => Jax[] = (t) => [f(t)];
  for (let k = 0; k < order; k++) {
    const before = line;
    line = (t) => {
      const [values, slopes] = jvp(before, [t], [numpy.array(1)]);
      for (const slope of slopes.slice(0, -1)) slope.dispose();
      return [...values, slopes[slopes.length - 1]];
    };
  }
  return line;
}

function mlp(jax: JaxLibrary, task: GeneralTask, seed: number): Prepared {
  const { grad, jvp, nn, numpy } = jax;
  const data = mlpData(seed);
  const [inputs, hidden, outputs] = WIDTHS;
  const array = (values: Float64Array, shape: readonly number[]) =>
    numpy.array(Float32Array.from(values)).reshape(shape);
  const images = array(data.images, [BATCH, inputs]);
  const targets = array(data.targets, [BATCH, outputs]);
  const loss = (w1: Jax, b1: Jax, w2: Jax, b2: Jax): Jax => {
    const layer = nn.softplus(numpy.matmul(images.ref, w1).add(b1));
    return numpy.sum(numpy.square(numpy.matmul(layer, w2).add(b2).sub(targets.ref)));
  };
  const w1 = array(data.w1, [inputs, hidden]);
  const others = [array(data.b1, [hidden]), array(data.w2, [hidden, outputs]), array(data.b2, [outputs])];
  const byWeights = (w: Jax) => loss(w, others[0].ref, others[1].ref, others[2].ref);
  const direction = array(data.direction, [inputs, hidden]);
  const { want, order = 1 } = taskOf(task);
  const all = [w1, ...others];
  if (want === 'value') return { f: (a, b, c, d) => [loss(a, b, c, d)], xs: all };
  if (want === 'grad') {
    const gradient = grad(loss, { argnums: [0, 1, 2, 3] }) as unknown as JaxFunction;
    return { f: gradient, xs: all };
  }
  if (want === 'hvp') return { f: (w, d) => [jvp(grad(byWeights), [w], [d])[1]], xs: [w1, direction] };
  const along = (t: Jax) => byWeights(w1.ref.add(direction.ref.mul(t)));
  return { f: derivativesOf(jax, along, order), xs: [numpy.array(0)] };
}

function rosenbrock({ grad, hessian, jvp, numpy }: JaxLibrary, task: GeneralTask, seed: number): Prepared {
  const data = rosenbrockData(seed);
  const [x, direction] = [data.point, data.direction].map((values) => numpy.array(Float32Array.from(values)));
  const length = data.point.length;
  const f = (at: Jax): Jax => {
    const [a, b] = [at.ref.slice([0, length - 1]), at.slice([1, length])];
    const bend = numpy.square(b.sub(numpy.square(a.ref))).mul(100);
    return numpy.sum(bend.add(numpy.square(numpy.array(1).sub(a))));
  };
  const { want } = taskOf(task);
  if (want === 'grad') return { f: (at) => [grad(f)(at)], xs: [x] };
  if (want === 'hvp') return { f: (at, d) => [jvp(grad(f), [at], [d])[1]], xs: [x, direction] };
  return { f: (at) => [hessian(f)(at)], xs: [x] };
}

function chain({ grad, numpy }: JaxLibrary, task: GeneralTask): Prepared {
  const f = (x: Jax): Jax => {
    const y = chainOf(x.ref, (each) => numpy.sin(each.mul(0.9).add(x.ref)).mul(x.ref));
    x.dispose();
    return y;
  };
  const isValue = taskOf(task).want === 'value';
  return { f: (x) => [isValue ? f(x) : grad(f)(x)], xs: [numpy.array(CHAIN_START)] };
}

const functions = { mlp, rosenbrock, chain } as const;

/** Derivatives as coefficients: divides by k!. */
function coefficients(derivatives: Arrays): Arrays {
  let factorial = 1;
  return derivatives.map((values, k) => {
    factorial *= Math.max(k, 1);
    return values.map((value) => value / factorial);
  });
}

/** jax-js on its WebAssembly backend, operation by operation or compiled. */
function createJaxJs(isCompiled: boolean): Contender {
  return {
    async load(job, { seed }) {
      const { task } = wantGeneral(job, 'jax-js');
      // Node 20 has no such arrays, and jax-js asks whether something is one.
      (globalThis as { Float16Array?: unknown }).Float16Array ??= class extends Uint16Array {};
      const jax = await importPeer<JaxLibrary>('@jax-js/jax');
      await jax.init('wasm');
      const { of, want } = taskOf(task);
      const { f, xs } = functions[of](jax, task, seed);
      const run = isCompiled ? jax.jit(f) : f;
      return repeated(() => {
        const arrays = run(...xs.map((x) => x.ref)).map((y) => y.dataSync());
        return want === 'jet' ? coefficients(arrays) : arrays;
      });
    },
  };
}

export const jaxJs = createJaxJs(false);
export const jaxJsJit = createJaxJs(true);
