import { table } from '@frontage/core';

/**
 * Error replies of a server that cannot serve now, or that is the wrong server. The connection is made anew after them, because the name may
 * lead to another server by now, and because the password is read again.
 */
const cannotServe = [
  'READONLY', // the server has become a replica
  'MASTERDOWN', // a replica that has lost its primary
  'LOADING',
  'CLUSTERDOWN',
  'MOVED',
  'ASK',
  'TRYAGAIN',
  'CROSSSLOT',
  'NOREPLICAS',
  'MISCONF', // the server could not write its snapshot and takes no writes
  'OOM',
  'BUSY', // a script runs for too long
  'UNKILLABLE',
  'NOAUTH',
  'WRONGPASS',
  'NOPERM',
] as const;

// Before Redis 7 the error reply stands within the message of the script: "ERR Error running script ...: -READONLY You can't write".
const word = new RegExp(String.raw`(?:^|[-\s])(${cannotServe.join('|')})\b`);

/** The code of an error reply of a server that cannot serve; undefined for any other error. */
export function whyNotServing(error: unknown): string | undefined {
  return isReply(error) ? word.exec(error.message)?.[1] : undefined;
}

/** Tells whether the error is a reply of the server. */
export const isReply = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError';

export const isTimeout = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Command timed out');

const otherModes: Readonly<Record<string, string>> = table({
  cluster:
    'is a node of a Redis Cluster, where each key has a server of its own: give the address of one Redis, or of a proxy that speaks for the cluster',
  sentinel: 'is a Redis Sentinel, which keeps no data: give the name or address that always leads to the primary',
});

/** The reason why a server cannot be the store, from its `INFO server`; undefined if it can. */
export function whyNoStore(info: string): string | undefined {
  const mode = /^redis_mode:(\w+)/m.exec(info)?.[1];
  return mode === undefined ? undefined : otherModes[mode];
}
