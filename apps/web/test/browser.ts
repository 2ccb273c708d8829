import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

/** Debian's. */
const executable = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/**
 * Says if tests can start a browser: `describe.skipIf(!browserIsInstalled())`. Writes to stderr where they cannot.
 * @throws where CI is true and there is none: a skipped suite must not look like a passed one
 */
export function browserIsInstalled(): boolean {
  if (existsSync(executable)) return true;
  if (process.env['CI'] === 'true')
    throw new Error(`CI is true and there is no ${executable}: apt-get install chromium`);
  process.stderr.write(`SKIPPED: there is no ${executable}, so tests that need a browser do not run.\n`);
  return false;
}

export async function startBrowser(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: executable,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}
