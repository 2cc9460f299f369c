import { randomUUID } from 'node:crypto';
import picocolors from 'picocolors';
import { printableLines } from './printable.ts';

/** A stream that text is written to. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** What a command talks to: its streams, its environment, and the signal that ends it. */
export interface CommandStreams {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

const styleNames = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const;

/** Ways to set off a part of a line. */
export type Styles = Readonly<Record<(typeof styleNames)[number], (text: string) => string>>;

export interface Io {
  /** Results, a line each: text of files in them does not reach the terminal with its escapes. */
  print(line: string): void;
  /** Doubts, a line each on stderr; nothing with --quiet. */
  warn(message: string): void;
  /** What goes on, a line each on stderr; nothing with --quiet. */
  note(message: string): void;
  /** What ended the command, a line each on stderr. */
  fail(lines: readonly string[]): void;
  readonly stderr: TextStream;
  readonly quiet: boolean;
  readonly signal: AbortSignal | undefined;
  /** Styles of what is printed, or plain text where stdout is not a terminal. */
  readonly colors: Styles;
}

const ESCAPE = '\x1b[';

/** Stands for the beginning of our own escapes until a line is printed: no text of a file can hold it, nobody knows it before. */
const MARK = `<${randomUUID()}>`;

function stylesFor(stream: TextStream, env: CommandStreams['env'] = {}): Styles {
  const plain = (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb';
  const colors = picocolors.createColors(stream.isTTY === true && !plain);
  const marked = (name: (typeof styleNames)[number]) => (text: string) =>
    colors[name](printableLines(text)).replaceAll(ESCAPE, MARK);
  return Object.fromEntries(styleNames.map((name) => [name, marked(name)])) as Styles;
}

/** The one place where text, which may be from files, becomes what a terminal shows. */
function writeLine(stream: TextStream, line: string): void {
  stream.write(`${printableLines(line).replaceAll(MARK, ESCAPE)}\n`);
}

export function createIo({ stdout, stderr, env, signal }: CommandStreams, quiet: boolean): Io {
  const { yellow, red } = stylesFor(stderr, env);
  return {
    print: (line) => writeLine(stdout, line),
    warn(message) {
      if (!quiet) writeLine(stderr, `${yellow('warning:')} ${message}`);
    },
    note(message) {
      if (!quiet) writeLine(stderr, message);
    },
    fail([first, ...others]) {
      if (first !== undefined) writeLine(stderr, `${red('error:')} ${first}`);
      for (const line of others) writeLine(stderr, line);
    },
    stderr,
    quiet,
    signal,
    colors: stylesFor(stdout, env),
  };
}

/** Makes the tools of a command once its flags are read. */
export type MakeIo = (flags: { readonly quiet?: boolean }) => Io;
