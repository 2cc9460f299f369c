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
import type { Arrays, Work } from './contender.ts';

interface Values {
  readonly shape: readonly number[];
  dataSync(): Float32Array;
}

/** What we use of TensorFlow.js as an engine of derivatives. */
export interface TfGeneral {
  tensor(values: Float32Array, shape: readonly number[]): Values;
  scalar(value: number): Values;
  add(x: Values, y: Values): Values;
  sub(x: Values, y: Values): Values;
  mul(x: Values, y: Values): Values;
  square(x: Values): Values;
  sin(x: Values): Values;
  softplus(x: Values): Values;
  sum(x: Values): Values;
  matMul(x: Values, y: Values): Values;
  slice(x: Values, begin: number, size: number): Values;
  stack(xs: readonly Values[]): Values;
  grad(f: (x: Values) => Values): (x: Values) => Values;
  grads(f: (...xs: Values[]) => Values): (xs: readonly Values[]) => Values[];
  tidy<T>(f: () => T): T;
}

type Run = () => Values[];

/** H v as the gradient of ⟨∇f, v⟩: it has no forward mode. */
const hvpOf = (tf: TfGeneral, f: (x: Values) => Values, v: Values) =>
  tf.grad((x) => tf.sum(tf.mul(tf.grad(f)(x), v)));

function mlp(tf: TfGeneral, task: GeneralTask, seed: number): Run {
  const data = mlpData(seed);
  const [inputs, hidden, outputs] = WIDTHS;
  const array = (values: Float64Array, shape: readonly number[]) =>
    tf.tensor(Float32Array.from(values), shape);
  const images = array(data.images, [BATCH, inputs]);
  const targets = array(data.targets, [BATCH, outputs]);
  const loss = (w1: Values, b1: Values, w2: Values, b2: Values): Values => {
    const layer = tf.softplus(tf.add(tf.matMul(images, w1), b1));
    return tf.sum(tf.square(tf.sub(tf.add(tf.matMul(layer, w2), b2), targets)));
  };
  const w1 = array(data.w1, [inputs, hidden]);
  const [b1, w2, b2] = [
    array(data.b1, [hidden]),
    array(data.w2, [hidden, outputs]),
    array(data.b2, [outputs]),
  ];
  const { want } = taskOf(task);
  if (want === 'value') return () => [loss(w1, b1, w2, b2)];
  if (want === 'grad') return () => tf.grads(loss)([w1, b1, w2, b2]);
  if (want !== 'hvp') throw new Error(`Internal: TF.js has no mode for ${task}`);
  const product = hvpOf(tf, (w) => loss(w, b1, w2, b2), array(data.direction, [inputs, hidden]));
  return () => [product(w1)];
}

function rosenbrock(tf: TfGeneral, task: GeneralTask, seed: number): Run {
  const data = rosenbrockData(seed);
  const length = data.point.length;
  const array = (values: Float64Array) => tf.tensor(Float32Array.from(values), [length]);
  const x = array(data.point);
  const [one, hundred] = [tf.scalar(1), tf.scalar(100)];
  const f = (at: Values): Values => {
    const [a, b] = [tf.slice(at, 0, length - 1), tf.slice(at, 1, length - 1)];
    const bend = tf.mul(hundred, tf.square(tf.sub(b, tf.square(a))));
    return tf.sum(tf.add(bend, tf.square(tf.sub(one, a))));
  };
  const { want } = taskOf(task);
  if (want === 'grad') return () => [tf.grad(f)(x)];
  if (want === 'hvp') {
    const product = hvpOf(tf, f, array(data.direction));
    return () => [product(x)];
  }
  const rows = Array.from({ length }, (_, i) =>
    hvpOf(tf, f, array(Float64Array.from({ length }, (_value, j) => (i === j ? 1 : 0)))),
  );
  return () => [tf.stack(rows.map((row) => row(x)))];
}

function chain(tf: TfGeneral, task: GeneralTask): Run {
  const x = tf.scalar(CHAIN_START);
  const factor = tf.scalar(0.9);
  const f = (at: Values) => chainOf(at, (y) => tf.mul(tf.sin(tf.add(tf.mul(y, factor), at)), at));
  return taskOf(task).want === 'value' ? () => [f(x)] : () => [tf.grad(f)(x)];
}

const functions = { mlp, rosenbrock, chain } as const;

/** A task as TensorFlow.js does it. */
export function tensorFlowGeneral(tf: TfGeneral, task: GeneralTask, seed: number): Work {
  const run = functions[taskOf(task).of](tf, task, seed);
  return repeated((): Arrays => tf.tidy(() => run().map((y) => y.dataSync())));
}
