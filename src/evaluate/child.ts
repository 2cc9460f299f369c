import { type ChildProcess, fork } from 'node:child_process';
import { InputError } from '../tensor/errors.ts';
import { WorkerEndError } from './queue/resultStore.ts';

/** The program that computes: a file of JavaScript that calls `serve`, and what it is told. */
export interface ChildProgram {
  readonly file: string;
  readonly argv: readonly string[];
}

/** What a child answers. */
type Reply<Answer> =
  | { readonly answer: Answer }
  | { readonly refusal: string }
  | { readonly unfit: string }
  | { readonly fault: string };

/** One process that answers question after question, and keeps what it has loaded. It is started when it is needed, and again where it was lost. */
export interface Child<Question, Answer> {
  /** @throws InputError for what nobody can answer; WorkerEndError where this machine can answer nothing; LostChildError where it ended. */
  ask(question: Question): Promise<Answer>;
  /** Ends it for good: what it was asked fails. */
  close(): void;
}

/** A child ended before it answered, as where memory runs out. */
export class LostChildError extends Error {
  constructor(code: number | null, signal: string | null) {
    super(`the computing process was lost (${signal ?? `exit code ${code}`}): perhaps memory ran out`);
    this.name = 'LostChildError';
  }
}

function errorOf(reply: Exclude<Reply<unknown>, { readonly answer: unknown }>): Error {
  if ('refusal' in reply) return new InputError(reply.refusal);
  return 'unfit' in reply ? new WorkerEndError(reply.unfit) : new Error(reply.fault);
}

function replyFor(error: Error): Reply<never> {
  if (error instanceof InputError) return { refusal: error.message };
  return error instanceof WorkerEndError ? { unfit: error.message } : { fault: String(error.stack ?? error) };
}

/** Starts a program. It writes nothing to the terminal of a command; its complaints are seen. */
const start = ({ file, argv }: ChildProgram): ChildProcess =>
  fork(file, [...argv], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });

/** What a process answers to one question. */
function askAt<Answer>(at: ChildProcess, question: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const end = () => {
      at.off('message', onMessage);
      at.off('exit', onExit);
    };
    const onExit = (code: number | null, signal: string | null) => {
      end();
      reject(new LostChildError(code, signal));
    };
    const onMessage = (reply: Reply<Answer>) => {
      end();
      if ('answer' in reply) resolve(reply.answer);
      else reject(errorOf(reply));
    };
    at.on('message', onMessage);
    at.on('exit', onExit);
    at.send(question as object, (error) => {
      if (error === null) return;
      // Its exit tells more, if it comes.
      setImmediate(() => at.kill('SIGKILL'));
    });
  });
}

export function createChild<Question, Answer>(program: ChildProgram): Child<Question, Answer> {
  let child: ChildProcess | undefined;
  let isClosed = false;
  function running(): ChildProcess {
    if (child !== undefined) return child;
    const started = start(program);
    started.once('exit', () => {
      if (child === started) child = undefined;
    });
    // What cannot be sent is told by the exit.
    started.on('error', () => {});
    child = started;
    return started;
  }
  return {
    ask(question) {
      if (isClosed) return Promise.reject(new Error('the computing process was ended'));
      return askAt(running(), question);
    },
    close() {
      isClosed = true;
      child?.kill('SIGKILL');
      child = undefined;
    },
  };
}

/** In the child: answers questions one by one, and ends with the process that started it, which `startedBy` names. */
export function serve<Question, Answer>(
  answer: (question: Question) => Promise<Answer>,
  startedBy: string,
): Promise<void> {
  if (process.send === undefined)
    throw new InputError(`Cannot compute alone: it is what ${startedBy} starts`);
  const reply = (message: Reply<Answer>) => process.send?.(message);
  process.on('message', (question: Question) => {
    answer(question).then(
      (found) => reply({ answer: found }),
      (error: Error) => reply(replyFor(error)),
    );
  });
  // Ctrl-C in a terminal reaches the whole group: the parent decides.
  process.on('SIGINT', () => {});
  return new Promise((resolve) => {
    // What is being computed is lost with the parent that would keep it.
    process.on('disconnect', () => {
      resolve();
      process.exit(0);
    });
  });
}
