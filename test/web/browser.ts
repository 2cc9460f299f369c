import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { Folder, Site } from './serve.ts';

export const BROWSER = '/usr/bin/chromium';

export const isThere = existsSync(BROWSER);

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: BROWSER,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ],
  });

/** A page of the site, and what the browser visits it with. */
export interface Visit {
  readonly browser: Browser;
  readonly site: Site;
  readonly folder: Folder;
  readonly file?: string;
  readonly search: Readonly<Record<string, string>>;
}

/** What the page says, and what its console says besides. */
export async function visitPage<T>({
  browser,
  site,
  folder,
  file,
  search,
}: Visit): Promise<T & { readonly problems: readonly string[] }> {
  const tab = await browser.newPage();
  const problems: string[] = [];
  tab.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  tab.on('pageerror', (error) => problems.push(`page: ${error.message}`));
  await tab.goto(`${site.address(folder, file)}?${new URLSearchParams(search)}`);
  await tab.waitForSelector('#result[data-done]', { timeout: 60000, state: 'attached' }).catch((error) => {
    throw new Error(`the page has no result: ${problems.join('; ')}; ${error.message}`);
  });
  const report = JSON.parse((await tab.textContent('#result')) ?? '');
  await tab.close();
  return { ...report, problems };
}
