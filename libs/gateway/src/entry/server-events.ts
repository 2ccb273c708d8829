import type { IncomingMessage, Server } from 'node:http';

const asking = new WeakSet<IncomingMessage>();

/** Does the client wait for `100 Continue` before it sends its body? */
export const expectsContinue = (request: IncomingMessage): boolean =>
  request.headers.expect !== undefined && asking.delete(request);

/**
 * Has requests with `Expect` handled like all others. By itself, Node asks for the body before anything has been decided, and refuses
 * what it does not know without a problem body.
 */
export function takeExpectations(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response) => {
    asking.add(request);
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (request: IncomingMessage, response) => {
    server.emit('request', request, response);
  });
}
