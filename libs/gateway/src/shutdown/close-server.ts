import type { Server } from 'node:http';

/**
 * Makes `server.close` come to an end by itself. Node closes connections that have been used and are idle, but not those on which nothing
 * was asked yet (clients open them ahead), nor those that were busy at that moment: here, all are closed once the last response is written.
 * @param drained resolves once no request is under way
 */
export function closeWhenDrained(server: Server, drained: () => Promise<void>): void {
  const stop = server.close.bind(server);
  server.close = (done) => {
    stop(done);
    void drained().then(() => server.closeAllConnections());
    return server;
  };
}
