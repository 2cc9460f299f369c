/**
 * A program is a list of steps in memory; threads take chunks of a step until none is left, then go on to the next. Which thread
 * takes which chunk does not change a bit of the results.
 */
import { Dense, dense } from './dense';
import { fewRowsAcross, fewRowsAlong } from './fewRows';
import { Copy, copy } from './copy';
import { averagePoolGradient, maxPoolGradient, Spread, spread } from './gradient';
import { Mix, mix } from './mix';
import { Norm, normalize, normalizeGradient, softmax, softmaxGradient, sumRows } from './norm';
import { Pack, pack } from './pack';
import { Pointwise, pointwise } from './pointwise';
import { multiplyTile, Product, product } from './product';
import { addProducts, multiplyPanels, Panels } from './float64Product';
import { multiplyWidened, Widened } from './mixedProduct';
import { averagePool, depthwise, maxPool, Window } from './window';
import { Tiles, transformInput, transformOutput, transformWeights, WeightTransform } from './winograd';

@unmanaged
class Step {
  kernel: i32;
  chunks: i32;
  parameters: usize;
  /** The next chunk to be taken, and how many are done. */
  next: i32;
  done: i32;
}

/** A program: how many steps follow. */
@unmanaged
class Program {
  steps: i32;
}

/**
 * What threads are called to, at one place for as long as the memory lives. Programs come and go, so a thread that comes late must
 * not look at what it was called for: by then other things may lie there.
 */
@unmanaged
class Call {
  /** Changes when a run ends: a thread that comes late sees that it is not wanted. */
  run: i32;
  /** Threads that are in the run, the caller apart. */
  inside: i32;
  program: usize;
  /** Not 0 once a thread has failed: nobody waits for what it left undone. */
  failed: i32;
  /** Threads that sleep: whoever does the last of something wakes them. */
  asleep: i32;
}

/** How often a thread looks before it sleeps, some hundred microseconds in all: most waits are shorter, and waking takes as long. */
const LOOKS: i32 = 131072;
/** The longest sleep in nanoseconds: nobody is woken when another thread fails. */
const NAP: i64 = 2_000_000;

function runChunk(kernel: i32, p: usize, chunk: i32, thread: i32): void {
  switch (kernel) {
    case 0:
      return product(changetype<Product>(p), chunk, thread);
    case 1:
      return transformInput(changetype<Tiles>(p), chunk, thread);
    case 2:
      return transformOutput(changetype<Tiles>(p), chunk, thread);
    case 3:
      return depthwise(changetype<Window>(p), chunk, thread);
    case 4:
      return maxPool(changetype<Window>(p), chunk, thread);
    case 5:
      return averagePool(changetype<Window>(p), chunk, thread);
    case 6:
      return pointwise(changetype<Pointwise>(p), chunk);
    case 7:
      return copy(changetype<Copy>(p), chunk);
    case 8:
      return dense(changetype<Dense>(p), chunk, thread);
    case 9:
      return multiplyPanels(changetype<Panels>(p), chunk, thread);
    case 10:
      return multiplyWidened(changetype<Widened>(p), chunk, thread);
    case 11:
      return fewRowsAcross(changetype<Widened>(p), chunk);
    case 12:
      return fewRowsAlong(changetype<Widened>(p), chunk);
    case 13:
      return transformWeights(changetype<WeightTransform>(p), chunk, thread);
    case 14:
      return spread(changetype<Spread>(p), chunk);
    case 15:
      return maxPoolGradient(changetype<Spread>(p), chunk);
    case 16:
      return averagePoolGradient(changetype<Spread>(p), chunk);
    case 17:
      return pack(changetype<Pack>(p), chunk);
    case 18:
      return mix(changetype<Mix>(p), chunk);
    case 19:
      return softmax(changetype<Norm>(p), chunk);
    case 20:
      return softmaxGradient(changetype<Norm>(p), chunk);
    case 21:
      return normalize(changetype<Norm>(p), chunk);
    case 22:
      return normalizeGradient(changetype<Norm>(p), chunk);
    case 23:
      return sumRows(changetype<Norm>(p), chunk);
    default:
      unreachable();
  }
}

/**
 * Waits until the number at a place is the one that is wanted. A thread that may sleep leaves its core to others soon: on a busy
 * machine the thread that it waits for may be waiting for that core. A page's main thread may not.
 */
function waitFor(call: usize, place: usize, wanted: i32, maySleep: bool): void {
  const asleep = call + offsetof<Call>('asleep');
  let looks = 0;
  for (;;) {
    const seen = atomic.load<i32>(place);
    if (seen == wanted) return;
    if (atomic.load<i32>(call + offsetof<Call>('failed'))) unreachable();
    if (!maySleep || ++looks < LOOKS) continue;
    // Counted before it sleeps, and it sleeps only if nothing has changed since it looked: so nobody who comes to the end misses it.
    atomic.add<i32>(asleep, 1);
    atomic.wait<i32>(place, seen, NAP);
    atomic.sub<i32>(asleep, 1);
  }
}

/** Wakes those who wait for the number at a place. */
function wake(call: usize, place: usize): void {
  if (atomic.load<i32>(call + offsetof<Call>('asleep')) > 0) atomic.notify(place, -1);
}

/** Takes part in a program to its end; says in how many chunks. */
function walk(call: usize, thread: i32, maySleep: bool): i32 {
  const program = changetype<Call>(call).program;
  const steps = changetype<Program>(program).steps;
  let taken = 0;
  let at = program + offsetof<Program>();
  for (let i = 0; i < steps; i++) {
    const step = changetype<Step>(at);
    const chunks = step.chunks;
    const next = at + offsetof<Step>('next');
    const done = at + offsetof<Step>('done');
    for (;;) {
      const chunk = atomic.add<i32>(next, 1);
      if (chunk >= chunks) break;
      runChunk(step.kernel, step.parameters, chunk, thread);
      taken++;
      if (atomic.add<i32>(done, 1) == chunks - 1) wake(call, done);
    }
    waitFor(call, done, chunks, maySleep);
    at += offsetof<Step>();
  }
  return taken;
}

/** Runs the program of a call to its end; the caller's thread is 0. */
export function run(call: usize, maySleep: bool): void {
  walk(call, 0, maySleep);
  atomic.add<i32>(call + offsetof<Call>('run'), 1);
  waitFor(call, call + offsetof<Call>('inside'), 0, maySleep);
}

/** Another thread joins the run that was announced to it; says how many chunks it took, none where it came late. */
export function join(call: usize, announced: i32, thread: i32): i32 {
  const inside = call + offsetof<Call>('inside');
  let taken = 0;
  atomic.add<i32>(inside, 1);
  if (atomic.load<i32>(call + offsetof<Call>('run')) == announced) taken = walk(call, thread, true);
  if (atomic.sub<i32>(inside, 1) == 1) wake(call, inside);
  return taken;
}

export { addProducts, multiplyTile };
