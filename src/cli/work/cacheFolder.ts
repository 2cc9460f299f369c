import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where programs of this user keep what can be had again, by the custom of the system. */
function cachesOf(env: NodeJS.ProcessEnv): string {
  const { XDG_CACHE_HOME = '', LOCALAPPDATA = '' } = env;
  // A relative path counts for nothing, by the custom.
  if (isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME;
  if (process.platform === 'win32' && isAbsolute(LOCALAPPDATA)) return LOCALAPPDATA;
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
}

/** Where workers of this user keep files of sets unless they are told. */
export const cacheFolder = (env: NodeJS.ProcessEnv = process.env): string => join(cachesOf(env), 'jetgrad');
