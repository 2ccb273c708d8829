import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const waiting = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Closes a response that waits behind another one of its connection when the connection closes. Node does that itself, except where a pipelined
 * `CONNECT` ended the connection: such a response would stay under way for ever.
 */
export function closeWithConnection(response: ServerResponse, socket: Socket): void {
  const responses = waiting.get(socket) ?? watched(socket);
  responses.add(response);
  response.once('close', () => responses.delete(response));
}

/** One listener for a connection, however many requests are pipelined. */
function watched(socket: Socket): Set<ServerResponse> {
  const responses = new Set<ServerResponse>();
  waiting.set(socket, responses);
  socket.once('close', () => {
    for (const response of responses) response.destroy();
  });
  return responses;
}
