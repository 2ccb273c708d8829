import { ConfigError, PolicyFiles, type BffConfig } from '@frontage/config';
import { BootError } from './routes.js';

/**
 * Serves until SIGTERM or SIGINT: readiness says no, requests under way end, the process exits with 0. What has not ended after
 * `graceMs` is cut off with exit code 1, and a second signal does that at once (RELIABILITY F25).
 */
export function runUntilSignal(close: () => Promise<void>, graceMs: number): void {
  let closing = false;
  const stop = (): void => {
    if (closing) process.exit(1);
    closing = true;
    const cut = setTimeout(() => process.exit(1), graceMs);
    close().then(
      () => {
        clearTimeout(cut);
        process.exit(0);
      },
      (cause: unknown) => {
        process.stderr.write(`shutdown failed: ${String(cause)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Why an app did not start, for the person who started it: mistakes of theirs without a stack, bugs of ours with one. */
export function startupMessage(cause: unknown, config: BffConfig | undefined): string {
  if (cause instanceof ConfigError || cause instanceof BootError) return cause.message;
  if (!(cause instanceof Error)) return String(cause);
  if ('code' in cause && cause.code === 'EADDRINUSE') {
    const port = 'port' in cause ? Number(cause.port) : Number.NaN;
    const key = port === config?.listen.adminPort ? 'adminPort' : 'port';
    return `port ${port} is in use: end what listens there, or ${config === undefined ? 'take another one' : otherPort(key, config)}`;
  }
  return cause.stack ?? cause.message;
}

/** How to have another port: by the variable that the policy reads it from, where there is one. */
export function otherPort(key: 'port' | 'adminPort', config: BffConfig): string {
  const [variable] = new PolicyFiles(config).variables(['listen', key]);
  return variable === undefined
    ? `write another one at listen.${key} in ${config.file}`
    : `set ${variable} to another one`;
}
