/**
 * Error replies with which a server says that it cannot serve now, or is not the one to ask. After them the connection is made anew: the
 * name may lead to another server by now, and the password is read again.
 */
const cannotServe = [
  'READONLY', // it has become a replica
  'MASTERDOWN', // a replica that has lost its primary
  'LOADING',
  'CLUSTERDOWN',
  'MOVED',
  'ASK',
  'TRYAGAIN',
  'CROSSSLOT',
  'NOREPLICAS',
  'MISCONF', // it could not write its snapshot and takes no writes
  'OOM',
  'BUSY', // a script runs for too long
  'UNKILLABLE',
  'NOAUTH',
  'WRONGPASS',
  'NOPERM',
] as const;

// Before Redis 7 what a script met stands within its own message: "ERR Error running script ...: -READONLY You can't write".
const word = new RegExp(String.raw`(?:^|[-\s])(${cannotServe.join('|')})\b`);

/** The word of an error reply that says the server cannot serve; undefined for any other error. */
export function whyNotServing(error: unknown): string | undefined {
  return isReply(error) ? word.exec(error.message)?.[1] : undefined;
}

/** Whether the server answered, with an error. */
export const isReply = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError';

export const isTimeout = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Command timed out');

const otherModes: Readonly<Record<string, string>> = {
  cluster:
    'is a node of a Redis Cluster, where each key has a server of its own: give the address of one Redis, or of a proxy that speaks for the cluster',
  sentinel: 'is a Redis Sentinel, which keeps no data: give the name or address that always leads to the primary',
};

/** Why a server of this kind is no store, by what it says of itself (`INFO server`); undefined where it may be one. */
export function whyNoStore(info: string): string | undefined {
  const mode = /^redis_mode:(\w+)/m.exec(info)?.[1];
  return mode === undefined || !Object.hasOwn(otherModes, mode) ? undefined : otherModes[mode];
}
