import { serve } from '../../evaluate/child.ts';
import type { Job } from '../../evaluate/queue/job.ts';
import { openFileCache } from '../../evaluate/store/fileCache.ts';
import { createIo } from '../shared/io.ts';
import { openJobs } from './openJobs.ts';
import { openFiles } from './openOut.ts';

/** What the process that computes is told, as JSON. */
export interface JobsTask {
  /** Where the command keeps its files. */
  readonly out: string;
  /** Where they are kept on this machine. */
  readonly cache: string;
  readonly quiet: boolean;
}

/** Computes the jobs that the parent asks for, until the parent is gone. */
export function answerJobs(text: string): Promise<void> {
  const { out, cache, quiet } = JSON.parse(text) as JobsTask;
  const files = openFileCache(cache, openFiles(out, createIo(process, quiet)));
  return serve<Job, Uint8Array>(openJobs(files), 'jetgrad work');
}
