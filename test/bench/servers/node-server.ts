import { createServer } from 'node:http';
import type { ByHand, Get } from '../scenarios/by-hand.js';
import { port } from './environment.js';

/** A screen on plain `node:http`. */
export function serve(screen: ByHand, get: Get): void {
  createServer((_, response) => {
    screen(get).then(
      (answer) => {
        const body = JSON.stringify(answer);
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
          .end(body);
      },
      () => response.writeHead(502).end(),
    );
  }).listen(port, '127.0.0.1');
}
