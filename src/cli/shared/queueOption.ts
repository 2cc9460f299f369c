import { Option } from 'commander';

/** Where jobs wait. The address may have a password: the environment keeps it from lists of processes. */
export const queueOption = () =>
  new Option(
    '--queue <address>',
    'where pictures wait for workers: redis://HOST:PORT, valkey:// or postgres://, rediss:// and valkeys:// by TLS',
  ).env('JETGRAD_QUEUE');
