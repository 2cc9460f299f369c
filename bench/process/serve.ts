/** The process of one contender: loads a job, then does it and tells the time, as often as it is asked. */
import type { Arrays, Work } from '../contenders/contender.ts';
import { contenders } from '../contenders/index.ts';
import type { Replies, Reply, Request, Timing } from './messages.ts';
import { peakMemory } from './peakMemory.ts';

let work: Work | undefined;
let output: Arrays = [];

async function timed(run: () => Promise<void>): Promise<Timing> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run();
  const seconds = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6 };
}

async function answer(request: Request): Promise<Replies[keyof Replies]> {
  if (request.kind === 'load') {
    const { contender, job, setting } = request;
    return timed(async () => {
      work = await (await contenders[contender]()).load(job, setting);
    });
  }
  if (work === undefined) throw new Error(`Internal: asked to ${request.kind} before a job was loaded`);
  const { run, items, facts, error } = work;
  switch (request.kind) {
    case 'run':
      return timed(async () => {
        output = await run();
      });
    case 'output':
      return output;
    case 'facts': {
      const peakBytes = peakMemory();
      return {
        peakBytes,
        ...(items && { items }),
        ...(error && { error: error() }),
        ...(facts && { facts: await facts() }),
      };
    }
  }
}

process.on('message', async (request: Request) => {
  const reply: Reply = await answer(request).then(
    (value) => ({ value }),
    (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
  );
  process.send?.(reply);
});
process.on('disconnect', () => process.exit());
