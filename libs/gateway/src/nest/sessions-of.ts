import { readFile } from 'node:fs/promises';
import type { SessionProviderConfig, SessionsConfig } from '@frontage/config';
import type { Clock } from '@frontage/core';
import {
  fixedKeys,
  keysInFile,
  MemorySessions,
  Sessions,
  SharedSessions,
  type SessionProviderOptions,
} from '@frontage/sessions';
import type { RedisStore } from '@frontage/store';
import type { Outbound } from '../outbound/outbound.js';

interface SessionParts {
  readonly store: RedisStore | undefined;
  readonly outbound: Outbound;
  readonly clock: Clock;
}

/** `access.sessions` of the policy, in Redis where there is one. */
export function sessionsOf(app: string, config: SessionsConfig, { store, outbound, clock }: SessionParts): Sessions {
  const { providers, keys, keysFile, maxSessions, ...rest } = config;
  const source = keysFile === undefined ? keys && fixedKeys(keys) : keysInFile(keysFile, keys);
  return new Sessions(
    {
      app,
      ...rest,
      ...(source && { keys: source }),
      providers: Object.entries(providers).map(([name, provider]) => providerOf(name, provider)),
      agentFor: (url, proxy) => outbound.agentFor(url, proxy),
      clock,
    },
    store === undefined ? new MemorySessions(maxSessions, clock) : new SharedSessions(store.records('sessions')),
  );
}

/** The file of a key is read when the provider is first needed, and for each discovery after that. */
function providerOf(name: string, { privateKey, ...rest }: SessionProviderConfig): SessionProviderOptions {
  return { name, ...rest, ...(privateKey !== undefined && { privateKey: () => readFile(privateKey, 'utf8') }) };
}
