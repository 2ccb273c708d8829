import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Clock } from '../time/clock.js';

/** The time that clients may take for what is sent to them, in milliseconds. */
export interface SendLimits {
  /** Without taking a single byte. */
  readonly sendIdleTimeoutMs: number;
  /** For each byte, from when it is there to be sent. */
  readonly sendTimeoutMs: number;
}

/** The progress of one connection while bytes wait to be sent. */
interface Sending {
  /** Bytes in all, and when the last of them went. */
  taken: number;
  takenAt: number;
  /** All that was there to be sent at a moment: bytes in all, and that moment. */
  due: number;
  dueSince: number;
}

/**
 * Closes connections whose client does not take what is sent to it (RELIABILITY F33): a response that waits holds its permit and its
 * memory. It looks at connections, so that screens, problems, hand-written controllers and streams are under one bound. A stream may take
 * as long as it likes while its client takes it.
 */
export function boundSending(server: Server, limits: SendLimits, clock: Clock): void {
  const connections = new Map<Socket, Sending | undefined>();
  const everyMs = Math.min(1000, limits.sendIdleTimeoutMs / 4, limits.sendTimeoutMs / 4);
  let isWatching = false;
  const watch = (): void => {
    isWatching = connections.size > 0;
    if (!isWatching) return;
    const now = clock.now();
    for (const [socket, before] of connections) {
      const sending = progressOf(socket, before, now);
      if (sending !== before) connections.set(socket, sending);
      if (sending !== undefined && isTooSlow(sending, limits, now)) socket.destroy();
    }
    clock.setTimer(watch, everyMs);
  };
  // Below TLS, the socket of TCP has nothing to send of its own.
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections.set(socket, undefined);
    socket.once('close', () => connections.delete(socket));
    if (isWatching) return;
    isWatching = true;
    clock.setTimer(watch, everyMs);
  });
}

function progressOf(socket: Socket, sending: Sending | undefined, now: number): Sending | undefined {
  const waiting = socket.writableLength === 0 ? 0 : waitingOf(socket);
  if (waiting === 0) return undefined;
  const below = countsOf(handleBelow(socket));
  // TLS hands large pieces to TCP and counts each when all of it has gone: the progress is that of TCP, in encrypted bytes.
  const taken = below === undefined ? socket.bytesWritten - waiting : below.written - below.queued;
  const given = taken + waiting;
  if (sending === undefined) return { taken, takenAt: now, due: given, dueSince: now };
  if (taken > sending.taken) {
    sending.taken = taken;
    sending.takenAt = now;
  }
  if (taken >= sending.due) {
    sending.due = given;
    sending.dueSince = now;
  }
  return sending;
}

const isTooSlow = ({ takenAt, dueSince }: Sending, limits: SendLimits, now: number): boolean =>
  now - takenAt >= limits.sendIdleTimeoutMs || now - dueSince >= limits.sendTimeoutMs;

/**
 * Bytes that the system has not taken yet. `writableLength` counts the chunk that is being written until all of it has gone; Node's own
 * look at the progress of a write (`socket.setTimeout`) asks the handle, and so does this.
 */
function waitingOf(socket: Socket): number {
  const counts = countsOf(memberOf(socket, '_handle'));
  return counts === undefined ? socket.writableLength : socket.bytesWritten - counts.written + counts.queued;
}

/** The handle of TCP below a socket of TLS. */
const handleBelow = (socket: Socket): unknown => memberOf(memberOf(socket, '_handle'), '_parent');

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

function countsOf(handle: unknown): { readonly written: number; readonly queued: number } | undefined {
  const written = memberOf(handle, 'bytesWritten');
  const queued = memberOf(handle, 'writeQueueSize');
  return typeof written === 'number' && typeof queued === 'number' ? { written, queued } : undefined;
}
