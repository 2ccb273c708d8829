import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Responses that wait behind an earlier one of their connection. Node tells nothing of those when the connection closes. */
const waiting = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls `ended` exactly once: after the last byte of the response, when the client has gone, or at once where it is gone already. A
 * request that is counted as under way would otherwise stay so for ever (RELIABILITY F34).
 */
export function onResponseEnd({ socket }: IncomingMessage, response: ServerResponse, ended: () => void): void {
  if (response.closed) return ended();
  if (response.socket !== null) {
    // `close` comes once for both cases: one listener serves both.
    response.once('close', ended);
    return;
  }
  // Pipelined: the response gets the connection when those before it are written, if it still exists by then.
  if (socket.closed) return ended();
  const leave = waitFor(socket, ended);
  response.once('close', () => {
    if (leave()) ended();
  });
}

/** @returns removes the callback again; false where it has been called */
function waitFor(socket: Socket, ended: () => void): () => boolean {
  let callbacks = waiting.get(socket);
  if (callbacks === undefined) {
    const added = new Set<() => void>();
    socket.once('close', () => {
      waiting.delete(socket);
      const left = [...added];
      added.clear();
      for (const callback of left) callback();
    });
    waiting.set(socket, (callbacks = added));
  }
  const found = callbacks.add(ended);
  return () => found.delete(ended);
}
