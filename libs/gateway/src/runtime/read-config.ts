import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  loadConfig,
  PolicyFiles,
  renderConfigWarning,
  type BffConfig,
  type ConfigIssue,
  type LoadOptions,
} from '@frontage/config';
import type { GatewayOptions } from './gateway.options.js';

/**
 * Reads the app's policy. Warnings, which do not stop a start, go to standard error, a line each.
 * @throws ConfigError naming every mistake with file, line and column
 */
export function readConfig(options: GatewayOptions, how: Pick<LoadOptions, 'unset'> = {}): BffConfig {
  const warn = (warning: ConfigIssue): void => void process.stderr.write(`${renderConfigWarning(warning)}\n`);
  const env = options.env ?? process.env;
  return options.loaded ?? loadConfig(options.config ?? nearestPolicy(), { ...how, env, warn });
}

/**
 * For an application that makes its server by itself.
 * @throws ConfigError at `listen.tls`, which would have no effect there
 */
export function assertNoTls(config: BffConfig): void {
  if (config.listen.tls === undefined) return;
  const message =
    'this application makes its own server, and only createGateway() serves TLS by this block; give httpsOptions to your server, and remove "tls"';
  throw new PolicyFiles(config).error([{ path: ['listen', 'tls'], want: 'key', message }]);
}

/** The `bff.yaml` of the app whose script runs: `apps/mobile/dist/main.js` finds `apps/mobile/bff.yaml`. */
function nearestPolicy(): string {
  const script = resolve(process.argv[1] ?? '.');
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    const file = join(folder, 'bff.yaml');
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) {
      throw new Error(
        `there is no bff.yaml above ${script}: write one, or name it with createGateway(module, { config })`,
      );
    }
  }
}
