import { type ChildProcess, fork } from 'node:child_process';
import { InputError } from '../tensor/errors.ts';
import { WorkerEndError } from './queue/resultStore.ts';
import { ContentError } from './store/content.ts';

/** The program that computes: a file of JavaScript that calls `serve`, and what it is told. */
export interface ChildProgram {
  readonly file: string;
  readonly argv: readonly string[];
}

/** What a child says: how far it is, or, at the end, its answer. */
type Message<Answer> = { readonly share: number } | Reply<Answer>;

/** What a child answers. */
type Reply<Answer> =
  | { readonly answer: Answer }
  | { readonly refusal: string }
  | { readonly unfit: string }
  | { readonly fault: string };

/** One process that answers question after question, and keeps what it has loaded. It is started when it is needed, and again where it was lost. */
export interface Child<Question, Answer> {
  /**
   * Answers to one question after another; one that is asked meanwhile waits. `onShare` hears what share of it is done.
   * @throws InputError for what nobody can answer; WorkerEndError where this machine can answer nothing; LostChildError where it ended.
   */
  ask(question: Question, onShare?: (share: number) => void): Promise<Answer>;
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
  if (error instanceof WorkerEndError) return { unfit: error.message };
  return { fault: error instanceof ContentError ? error.message : String(error.stack ?? error) };
}

/** Starts a program. It writes nothing to the terminal of a command; its complaints are seen. */
const start = ({ file, argv }: ChildProgram): ChildProcess =>
  fork(file, [...argv], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });

/** A question, and who hears of its answer. */
interface Asked<Answer> {
  readonly question: unknown;
  readonly onShare: ((share: number) => void) | undefined;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

export function createChild<Question, Answer>(program: ChildProgram): Child<Question, Answer> {
  let child: ChildProcess | undefined;
  let isClosed = false;
  /** In the order in which they came; the process has the first. */
  const asked: Asked<Answer>[] = [];
  /** Ends the first question. The next is on its way before anybody does anything with the answer. */
  function settle(tell: (first: Asked<Answer>) => void): void {
    const first = asked.shift();
    send();
    if (first !== undefined) tell(first);
  }
  function running(): ChildProcess {
    if (child !== undefined) return child;
    const started = start(program);
    started.on('message', (reply: Message<Answer>) => {
      // What a lost process still says is no answer to what another was asked.
      if (child !== started) return;
      if ('share' in reply) asked[0]?.onShare?.(reply.share);
      else
        settle(({ resolve, reject }) => ('answer' in reply ? resolve(reply.answer) : reject(errorOf(reply))));
    });
    started.once('exit', (code, signal) => {
      if (child !== started) return;
      child = undefined;
      // What waits behind the question that it had goes to the next process.
      settle(({ reject }) => reject(new LostChildError(code, signal)));
    });
    // What cannot be sent is told by the exit.
    started.on('error', () => {});
    child = started;
    return started;
  }
  function send(): void {
    if (asked.length === 0) return;
    const at = running();
    at.send(asked[0].question as object, (error) => {
      if (error === null) return;
      // Its exit tells more, if it comes.
      setImmediate(() => at.kill('SIGKILL'));
    });
  }
  return {
    ask(question, onShare) {
      if (isClosed) return Promise.reject(new Error('the computing process was ended'));
      return new Promise((resolve, reject) => {
        asked.push({ question, onShare, resolve, reject });
        if (asked.length === 1) send();
      });
    },
    close() {
      isClosed = true;
      child?.kill('SIGKILL');
      child = undefined;
      for (const { reject } of asked.splice(0)) reject(new Error('the computing process was ended'));
    },
  };
}

/** Milliseconds between two words on how far a question is. */
const BETWEEN = 500;

/** Passes a share on, now and then. */
function sparingly(tell: (share: number) => void): (share: number) => void {
  let last = performance.now();
  return (share) => {
    const now = performance.now();
    if (now - last < BETWEEN) return;
    last = now;
    tell(share);
  };
}

/**
 * In the child: answers questions one by one, and ends with the process that started it, which `startedBy` names. What it calls with a
 * share of its work, the parent hears.
 */
export function serve<Question, Answer>(
  answer: (question: Question, onShare: (share: number) => void) => Promise<Answer>,
  startedBy: string,
): Promise<void> {
  if (process.send === undefined)
    throw new InputError(`Cannot compute alone: it is what ${startedBy} starts`);
  const reply = (message: Message<Answer>) => process.send?.(message);
  process.on('message', (question: Question) => {
    const onShare = sparingly((share) => reply({ share }));
    answer(question, onShare).then(
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
