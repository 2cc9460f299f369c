/** In a fresh process: `importJetgrad ENTRY` imports it and prints {seconds}. */
import { pathToFileURL } from 'node:url';

const entry = pathToFileURL(process.argv[2]).href;
const start = performance.now();
await import(entry);
process.stdout.write(JSON.stringify({ seconds: (performance.now() - start) / 1e3 }));
