import { join } from 'node:path';
import { loadConfig, type BffConfig } from '@frontage/config';
import { RedisStore } from '@frontage/store';
import { findApp } from '../dev/built-app.js';
import { CheckFailed } from '../terminal/command.errors.js';
import { findWorkspace } from '../workspace/workspace.js';

/** The policy of an app, with the variables of this terminal; variables that are not set here have a placeholder. */
export function policyOf(app: string, cwd: string): BffConfig {
  return loadConfig(join(findApp(findWorkspace(cwd), app).folder, 'bff.yaml'), {
    env: process.env,
    unset: 'placeholder',
  });
}

/** Longest time for one command, in milliseconds: a person waits for it, and the server may be far away. */
const timeoutMs = 5_000;

/** Works with the shared store of an app. @throws CheckFailed where it cannot be used */
export async function withStore<T>(
  { bff, redis }: BffConfig,
  work: (shared: { readonly store: RedisStore; readonly host: string }) => Promise<T>,
): Promise<T> {
  if (redis === undefined) throw new CheckFailed(`${bff} has no shared store: its bff.yaml has no "redis"`);
  const store = new RedisStore({ app: bff, url: redis.url, timeoutMs });
  const { host } = new URL(redis.url);
  try {
    await store.start();
    if (!store.isUp)
      throw new CheckFailed(
        `the shared store ${host} of ${bff} cannot be used: is it running, and is its variable set?`,
      );
    return await work({ store, host });
  } finally {
    store.stop();
  }
}
