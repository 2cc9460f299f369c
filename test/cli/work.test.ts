import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { setBackend } from '../../src/tensor/kernels/backend.ts';
import { makeCertificate, whyNoCertificate } from '../evaluate/queue/certificate.ts';
import { startPostgres, whyNoPostgres } from '../evaluate/queue/postgresServer.ts';
import { type JobServer, startRedis, whyNoRedis, whyNoTls } from '../evaluate/queue/redisServer.ts';
import { skip } from '../support/check.ts';
import { command, createFolder } from './command.ts';

const test = suite('jetgrad work');
// Commands of this process choose another, for the suites that run after this one, too.
test.after(() => setBackend('wasm'));
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const { at, modelFile, pictureFile, file } = createFolder();
const model = modelFile('small.json');
mkdirSync(at('set', 'dog'), { recursive: true });
for (const name of ['a', 'b', 'c']) pictureFile(`set/dog/${name}.png`);
file('set/dog/damaged.png', 'no picture');

const flags = [
  '--model',
  model,
  '--method',
  'gradcam,gradcam++',
  '--metric',
  'mass',
  '--backend',
  'reference',
];
const argv = (out: string, ...more: string[]) => ['evaluate', at('set'), ...flags, '--out', at(out), ...more];

/** Each machine has its own cache, and none is that of whoever runs the tests. */
const tsx = import.meta.resolve('tsx');

/** Another process of the command, somewhere else. */
const other = (args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = process.cwd()): ChildProcess =>
  spawn(process.execPath, ['--import', tsx, main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, XDG_CACHE_HOME: at('cache'), ...env },
    cwd,
  });

/** What a process prints first. */
const firstLine = (from: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    from.stdout?.on('data', (part: Buffer) => {
      said += part.toString();
      if (said.includes('\n')) resolve(said.split('\n')[0]);
    });
    from.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });

/** How a process ends, and what it said. */
const endOf = (from: ChildProcess): Promise<{ code: number | null; said: string }> =>
  new Promise((resolve) => {
    let said = '';
    from.stderr?.on('data', (part: Buffer) => {
      said += part.toString();
    });
    from.once('close', (code) => resolve({ code, said }));
  });

const run = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  try {
    await promisify(execFile)(process.execPath, ['--import', tsx, main, ...args], {
      env: { ...process.env, XDG_CACHE_HOME: at('cache'), ...env },
    });
    return { code: 0, stderr: '' };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, stderr };
  }
};

const text = (out: string, name: string) => readFileSync(at(out, name), 'utf8');
const results = ['results.jsonl', 'results.csv', 'summary.json', 'report.md'];

const why = whyNoRedis();
if (why !== undefined) skip('jetgrad work: an evaluation by a queue', why);
else {
  test('an evaluation by the workers of a queue has the bytes of one without', async () => {
    const redis = await startRedis(at('redis'), { password: 'secret' });
    const worker = other(['work', '--queue', redis.url, '--out', at('queued')]);
    let said = '';
    worker.stderr?.on('data', (part: Buffer) => {
      said += part.toString();
    });
    try {
      const [alone, queued] = await Promise.all([
        run(argv('alone', '--quiet')),
        run(argv('queued', '--quiet', '--queue', redis.url)),
      ]);
      // One picture is damaged.
      assert.is(alone.code, 3);
      assert.equal(queued, alone);
      for (const name of results) assert.is(text('queued', name), text('alone', name), name);
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      worker.kill('SIGINT');
      assert.is(await ended, 130);
      assert.match(said, /waiting for pictures of redis:/);
      assert.not.match(said, /secret/);
    } finally {
      worker.kill('SIGKILL');
      await redis.kill();
    }
  });

  test('two machines that share no disk with the command: the same bytes, each file once to each', async () => {
    const redis = await startRedis(at('redis3'));
    const env = { JETGRAD_STORE_TOKEN: 'secret', JETGRAD_QUEUE: redis.url };
    mkdirSync(at('served'));
    const store = other(['store', at('served'), '--port', '0'], env);
    const members: ChildProcess[] = [];
    try {
      const [url] = (await firstLine(store)).split(' ');
      const denied = await run(['work', '--out', url], { ...env, JETGRAD_STORE_TOKEN: 'secrete' });
      assert.is(denied.code, 2);
      assert.match(denied.stderr, /it wants another token; set JETGRAD_STORE_TOKEN/);
      for (const name of ['one', 'two']) {
        mkdirSync(at(name));
        members.push(other(['work', '--out', url, '--cache', at(name, 'cache')], env, at(name)));
      }
      // Relative paths, of a folder that no worker is in.
      const asked = ['evaluate', 'set', ...flags.slice(2), '--quiet', '--model', 'small.json'];
      const alone = await endOf(other([...asked, '--out', 'alone2'], {}, at()));
      assert.is(alone.code, 3);
      assert.equal(await endOf(other([...asked, '--out', 'served'], env, at())), alone);
      for (const name of results) assert.is(text('served', name), text('alone2', name), name);
      const ended = new Promise((resolve) => store.once('exit', resolve));
      store.kill('SIGINT');
      assert.is(await ended, 130);
    } finally {
      for (const each of [store, ...members]) each.kill('SIGKILL');
      await redis.kill();
    }
  });

  test('interrupted, the command lets go; --cancel takes the rest off', async () => {
    const redis = await startRedis(at('redis2'));
    const letting = other(argv('left', '--queue', redis.url));
    let said = '';
    letting.stderr?.on('data', (part: Buffer) => {
      said += part.toString();
    });
    try {
      while (!existsSync(at('left/results/files'))) await setTimeout(50);
      await setTimeout(1000);
      const ended = new Promise((resolve) => letting.once('exit', resolve));
      letting.kill('SIGINT');
      assert.is(await ended, 130);
      assert.match(said, /the workers go on/);
      const { code, stdout } = await command(argv('left', '--queue', redis.url, '--cancel'));
      assert.is(code, 0);
      assert.match(stdout, /cancelled: 0 of 4 results/);
    } finally {
      letting.kill('SIGKILL');
      await redis.kill();
    }
  });
}

/** Servers that want a password and speak TLS, by certificates that nobody knows. */
const safe: readonly {
  readonly name: string;
  readonly why: string | undefined;
  start(folder: string): Promise<{ readonly server: JobServer; readonly certificate: string }>;
}[] = [
  {
    name: 'Redis',
    why: whyNoTls(),
    async start(folder) {
      const tls = makeCertificate(folder);
      return { server: await startRedis(folder, { password: 'secret', tls }), certificate: tls.certificate };
    },
  },
  {
    name: 'PostgreSQL',
    why: whyNoPostgres() ?? whyNoCertificate(),
    async start(folder) {
      const server = await startPostgres(folder, { password: 'secret' });
      return { server, certificate: server.certificate ?? '' };
    },
  },
];

for (const { name, why: whyNone, start } of safe) {
  const title = `by TLS and a password: ${name}`;
  if (whyNone !== undefined) {
    skip(`jetgrad work: ${title}`, whyNone);
    continue;
  }
  test(title, async () => {
    const { server, certificate } = await start(at(`tls ${name}`.replace(' ', '-')));
    // The address of the environment is one, too.
    const env = { NODE_EXTRA_CA_CERTS: certificate, JETGRAD_QUEUE: server.url };
    const out = `safe-${name}`;
    const worker = other(['work', '--out', at(out)], env);
    try {
      const unknown = await run(argv('unknown', '--quiet'), { JETGRAD_QUEUE: server.url });
      assert.is(unknown.code, 2, unknown.stderr);
      assert.match(unknown.stderr, /Cannot use --queue [a-z]+:\/\/127\.0\.0\.1:\d+: .*self-signed/);
      assert.not.match(unknown.stderr, /secret/);
      const { code, stderr } = await run(argv(out, '--quiet', '--limit', '1'), env);
      assert.is(code, 0, stderr);
      assert.match(text(out, 'report.md'), /1 pictures/);
    } finally {
      worker.kill('SIGKILL');
      await server.kill();
    }
  });
}

const refusals: readonly (readonly [argv: readonly string[], words: RegExp])[] = [
  [['work'], /required option '--queue <address>' not specified; see jetgrad work --help/],
  [['work', '--queue', 'redis://127.0.0.1:1'], /required option '--out <folder>'/],
  [['work', '--queue', 'redsi://x', '--out', at('none')], /did you mean "redis"/],
  [['work', '--queue', 'redis://u:secret@127.0.0.1:1', '--out', at('none')], /ECONNREFUSED/],
  [
    ['work', '--queue', 'redis://x', '--out', at('none'), '--lock', '0'],
    /--lock 0: it must be a whole number/,
  ],
  [argv('none', '--queue', 'redis://x', '--jobs', '2'), /--queue.* cannot be used with .*--jobs/],
  [['work', '--queue', 'redis://x', '--out', 'http://u:secret@x'], /user and password are not for addresses/],
  [
    ['work', '--queue', 'redis://x', '--out', 'http://127.0.0.1:2'],
    /ECONNREFUSED; see that jetgrad store runs/,
  ],
  [[...argv('none'), '--out', 'http://x'], /an evaluation has its folder on its own machine/],
  [argv('none', '--cancel'), /Cannot use --cancel: give the queue by --queue/],
];

for (const [args, words] of refusals) {
  test(`refuses ${args.filter((each) => each.startsWith('-')).join(' ') || args[0]} in words`, async () => {
    const { code, stderr } = await command(args);
    assert.is(code, 2, stderr);
    assert.match(stderr, words);
    assert.not.match(stderr, /secret/);
  });
}

test.run();
