import picocolors from 'picocolors';

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

export interface Io {
  /** Results, a line each. */
  print(line: string): void;
  /** Doubts, a line each on stderr; nothing with --quiet. */
  warn(message: string): void;
  readonly stderr: TextStream;
  readonly quiet: boolean;
  readonly signal: AbortSignal | undefined;
  /** Colours for stdout, or plain text where it is not a terminal. */
  readonly colors: ReturnType<typeof picocolors.createColors>;
}

export function colorsFor(stream: TextStream, env: CommandStreams['env'] = {}): Io['colors'] {
  const plain = (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb';
  return picocolors.createColors(stream.isTTY === true && !plain);
}

export function createIo({ stdout, stderr, env, signal }: CommandStreams, quiet: boolean): Io {
  const { yellow } = colorsFor(stderr, env);
  return {
    print: (line) => void stdout.write(`${line}\n`),
    warn(message) {
      if (!quiet) stderr.write(`${yellow('warning:')} ${message}\n`);
    },
    stderr,
    quiet,
    signal,
    colors: colorsFor(stdout, env),
  };
}

/** Makes the tools of a command once its flags are read. */
export type MakeIo = (flags: { readonly quiet?: boolean }) => Io;
