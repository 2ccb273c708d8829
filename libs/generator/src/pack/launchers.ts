import { readFileSync } from 'node:fs';

const folder = new URL('../../launchers/', import.meta.url);

/**
 * The scripts beside the code, by name: plain JavaScript, which is copied.
 * @param hasPort whether the port is known, which the health check asks
 */
export function launchers(hasPort: boolean): ReadonlyMap<string, string> {
  const names = ['main.js', 'serve.js', ...(hasPort ? ['healthcheck.js'] : [])];
  return new Map(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
}
