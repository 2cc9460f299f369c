import { type ChildProcess, fork } from 'node:child_process';
import { InputError } from '../../tensor/errors.ts';
import type { Job } from './job.ts';
import { WorkerEndError } from './resultStore.ts';

/** The program that computes: a file of JavaScript that calls `serveJobs`, and what it is told. */
export interface ChildProgram {
  readonly file: string;
  readonly argv: readonly string[];
}

/** What a child answers. */
type Answer =
  | { readonly bytes: Uint8Array }
  | { readonly refusal: string }
  | { readonly unfit: string }
  | { readonly fault: string };

/** One process that computes, job after job, and keeps what it has loaded. It is started when it is needed. */
export interface ComputeChild {
  /** @throws InputError for a job that nobody can do; WorkerEndError where this machine can do none; others where the child was lost. */
  compute(job: Job): Promise<Uint8Array>;
  /** Of the process, while there is one. */
  pid(): number | undefined;
  /** Ends it for good: what it was computing fails. */
  close(): void;
}

/** How a child that is gone went, for reading. */
const lost = (code: number | null, signal: string | null) =>
  new Error(`the computing process was lost (${signal ?? `exit code ${code}`}): perhaps memory ran out`);

function errorOf(answer: Exclude<Answer, { readonly bytes: Uint8Array }>): Error {
  if ('refusal' in answer) return new InputError(answer.refusal);
  return 'unfit' in answer ? new WorkerEndError(answer.unfit) : new Error(answer.fault);
}

function answerFor(error: Error): Answer {
  if (error instanceof InputError) return { refusal: error.message };
  return error instanceof WorkerEndError ? { unfit: error.message } : { fault: String(error.stack ?? error) };
}

export function createComputeChild({ file, argv }: ChildProgram): ComputeChild {
  let child: ChildProcess | undefined;
  let isClosed = false;

  function start(): ChildProcess {
    const started = fork(file, [...argv], {
      serialization: 'advanced',
      // It writes nothing to the terminal of a command; its complaints are seen.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    started.once('exit', () => {
      if (child === started) child = undefined;
    });
    // What cannot be sent is told by the exit.
    started.on('error', () => {});
    return started;
  }

  function compute(job: Job): Promise<Uint8Array> {
    if (isClosed) return Promise.reject(new Error('the computing process was ended'));
    child ??= start();
    const at = child;
    return new Promise((resolve, reject) => {
      const end = () => {
        at.off('message', onMessage);
        at.off('exit', onExit);
      };
      const onExit = (code: number | null, signal: string | null) => {
        end();
        reject(lost(code, signal));
      };
      const onMessage = (answer: Answer) => {
        end();
        if ('bytes' in answer) resolve(answer.bytes);
        else reject(errorOf(answer));
      };
      at.on('message', onMessage);
      at.on('exit', onExit);
      at.send(job, (error) => {
        if (error === null) return;
        // Its exit tells more, if it comes.
        setImmediate(() => at.kill('SIGKILL'));
      });
    });
  }

  return {
    compute,
    pid: () => child?.pid,
    close() {
      isClosed = true;
      child?.kill('SIGKILL');
      child = undefined;
    },
  };
}

/** In the child: answers jobs one by one, and ends with the process that started it. */
export function serveJobs(compute: (job: Job) => Promise<Uint8Array>): Promise<void> {
  if (process.send === undefined)
    throw new InputError('Cannot compute alone: it is what jetgrad work starts');
  const answer = (message: Answer) => process.send?.(message);
  process.on('message', (job: Job) => {
    compute(job).then(
      (bytes) => answer({ bytes }),
      (error: Error) => answer(answerFor(error)),
    );
  });
  // Ctrl-C in a terminal reaches the whole group: the parent decides.
  process.on('SIGINT', () => {});
  return new Promise((resolve) => {
    // A picture that is being computed is lost with the parent that would keep it.
    process.on('disconnect', () => {
      resolve();
      process.exit(0);
    });
  });
}
