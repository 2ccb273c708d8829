import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** A refused body up to this size is read and dropped, so that the connection can be used again; a larger one closes it. In bytes. */
const smallBodyBytes = 16 * 1024;
/** The time for which a connection with an unread body stays open after the response, so that the client can read it. In milliseconds. */
const lingerMs = 500;
/** More connections than this never linger at the same time. */
const maxLingering = 1000;

const parting = new WeakSet<Socket>();
let lingering = 0;

/** Has a response on this connection said that it is the last one? Bytes behind it are not handled (RFC 9112 section 9.6). */
export const isParting = (socket: Socket): boolean => parting.has(socket);

/**
 * Is there a body that would have to be read before the next request of this connection can be? A client that waits for
 * `100 Continue` may send its body or leave it out, so the connection cannot be used again (RFC 9110 section 10.1.1).
 */
export function bodyIsPending({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  if (headers['transfer-encoding'] !== undefined) return true;
  const length = headers['content-length'];
  if (length === undefined || Number(length) === 0) return false;
  return headers.expect !== undefined || !(Number(length) <= smallBodyBytes);
}

/**
 * Marks the connection of a request as parting: the response under way is its last one. The rest of a body is not read. A connection
 * that is closed with unread bytes is reset, and the reset may overtake the response: so our half is closed first, and the whole of it
 * when the client closes or after half a second.
 */
export function partAfter(request: IncomingMessage): void {
  const { socket } = request;
  if (parting.has(socket)) return;
  parting.add(socket);
  if (!bodyIsPending(request) || lingering >= maxLingering) return;
  lingering += 1;
  let cut: NodeJS.Timeout | undefined;
  socket.once('close', () => {
    lingering -= 1;
    clearTimeout(cut);
  });
  // Node calls this once the last response of a connection is written.
  socket.destroySoon = () => {
    socket.end();
    // Node starts to drop the rest of the body in the next tick; after that, nothing is read any more.
    setImmediate(() => socket.pause());
    cut = setTimeout(() => socket.destroy(), lingerMs);
  };
}
