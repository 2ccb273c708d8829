import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { closingResponses } from './closing-response.js';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** The bytes that a client reads of a response that is written in this way. */
async function read(write: (response: ServerResponse) => void, isDraining: boolean): Promise<IncomingMessage> {
  const app = { isDraining: false };
  server = createServer({ ServerResponse: closingResponses(app) }, (_, response) => {
    // A response may be under way when the app begins to end.
    app.isDraining = isDraining;
    write(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sent = request({ host: '127.0.0.1', port, headers: { connection: 'keep-alive' } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response;
}

const ways: readonly (readonly [string, (response: ServerResponse) => void])[] = [
  ['without a head of its own', (response) => response.end('x')],
  ['in chunks', (response) => void (response.write('x'), response.end())],
  ['with a head', (response) => response.writeHead(200).end()],
  ['with headers as an object', (response) => response.writeHead(200, { 'x-mark': 'kept' }).end()],
  [
    'with headers as a list',
    (response) => response.writeHead(200, ['x-mark', 'kept', 'set-cookie', 'a', 'set-cookie', 'b']).end(),
  ],
  ['with a reason and headers', (response) => response.writeHead(200, 'Fine', { 'x-mark': 'kept' }).end()],
  [
    'that says keep-alive in an object',
    (response) => response.writeHead(200, { Connection: 'keep-alive', 'Keep-Alive': 'timeout=5' }).end(),
  ],
  [
    'that says keep-alive in a list',
    (response) => response.writeHead(200, ['Connection', 'keep-alive', 'x-mark', 'kept']).end(),
  ],
  ['that says keep-alive before its head', (response) => response.setHeader('connection', 'keep-alive').end()],
  ['that has removed the field', (response) => void (response.removeHeader('connection'), response.end())],
  ['without a body', (response) => response.writeHead(204).end()],
];

describe.each(ways)('a response %s', (name, write) => {
  it('is the last of its connection while the app ends, and keeps all else', async () => {
    const { headers, rawHeaders, statusCode } = await read(write, true);
    expect(headers.connection).toBe('close');
    expect(headers['keep-alive']).toBeUndefined();
    expect(rawHeaders.filter((field) => field.toLowerCase() === 'connection')).toHaveLength(1);
    expect(statusCode).toBe(name === 'without a body' ? 204 : 200);
    if (String(write).includes('kept')) expect(headers['x-mark']).toBe('kept');
    if (String(write).includes('set-cookie')) expect(headers['set-cookie']).toEqual(['a', 'b']);
  });

  it('is as it is written at any other time', async () => {
    const { headers } = await read(write, false);
    expect(headers.connection).not.toBe('close');
  });
});
