import { createServer } from 'node:http';
import { markOf } from './marks.js';

/** An upstream as a process of its own, which can be killed and frozen. */
const server = createServer((request, response) => {
  const id = request.url?.split('/').at(-1) ?? '';
  const body = JSON.stringify({ id, mark: markOf(id) });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
});
server.listen(Number(process.env['FRAIL_PORT'] ?? 0), '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.on('disconnect', () => process.exit());
