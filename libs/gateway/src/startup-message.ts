import { ConfigError, PolicyFiles, type BffConfig } from '@frontage/config';
import { errorText } from '@frontage/core';
import { OtelEnvironmentError } from '@frontage/tracing';
import { BootError } from './routes/routes.js';

/** The reason why an app did not start, for the person who started it: mistakes of theirs without a stack, bugs of ours with one. */
export function startupMessage(cause: unknown, config: BffConfig | undefined): string {
  if (cause instanceof ConfigError || cause instanceof BootError || cause instanceof OtelEnvironmentError)
    return cause.message;
  if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE') {
    const port = 'port' in cause ? Number(cause.port) : Number.NaN;
    const key = port === config?.listen.adminPort ? 'adminPort' : 'port';
    return `port ${port} is in use: end what listens there, or ${config === undefined ? 'take another one' : otherPort(key, config)}`;
  }
  return errorText(cause);
}

/** The advice for another port: the variable that the policy reads it from, where there is one. */
export function otherPort(key: 'port' | 'adminPort', config: BffConfig): string {
  const [variable] = new PolicyFiles(config).variables(['listen', key]);
  return variable === undefined
    ? `write another one at listen.${key} in ${config.file}`
    : `set ${variable} to another one`;
}
