/** `jetgrad/explainer`: the script of the worker that `createExplainer` talks to, and of that worker's threads. */
import { createThread, type ThreadMessage } from '../tensor/kernels/wasm/thread.ts';
import type { Thread } from '../tensor/kernels/wasm/threads.ts';
import type { Request } from './messages.ts';
import { type Port, serveExplainer } from './serveExplainer.ts';

/** What a worker's surroundings are, as far as they are used. */
interface WorkerScope extends Port {
  onmessage: ((event: { readonly data: Request | ThreadMessage }) => void) | null;
  readonly location: { readonly href: string };
  readonly Worker?: new (url: string, options: { type: 'module' }) => Thread;
}

const scope = globalThis as unknown as WorkerScope;
const hear = serveExplainer(
  scope,
  () => scope.Worker && new scope.Worker(scope.location.href, { type: 'module' }),
);
const join = createThread();

scope.onmessage = ({ data }) => {
  if ('kind' in data) hear(data);
  else join(data);
};
