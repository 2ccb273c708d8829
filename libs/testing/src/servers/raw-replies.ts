import type { Socket } from 'node:net';
import type { RawReply } from './raw-server.js';

type RawHeaders = Readonly<Record<string, string>>;

const head = (status: number, headers: RawHeaders): string =>
  [`HTTP/1.1 ${status} Whatever`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', ''].join(
    '\r\n',
  );

const bytesOf = (value: unknown): Buffer => (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value)));

function whole(value: unknown, headers: RawHeaders = {}, status = 200): Buffer {
  const body = bytesOf(value);
  const described = { 'content-type': 'application/json', 'content-length': String(body.length), ...headers };
  return Buffer.concat([Buffer.from(head(status, described)), body]);
}

/** A whole response without its last bytes: half a body arrives. */
const cut = (value: unknown): Buffer => {
  const all = whole(value);
  return all.subarray(0, all.length - Math.ceil(bytesOf(value).length / 2));
};

function everySoOften(socket: Socket, everyMs: number, step: () => boolean): void {
  const timer = setInterval(() => {
    if (!step()) clearInterval(timer);
  }, everyMs);
  socket.once('close', () => clearInterval(timer));
}

/** Ready-made behaviour of upstreams, good and faulty. A value is JSON, or a buffer that is sent unchanged. */
export const rawReplies = {
  /** A good response. */
  json:
    (value: unknown, headers: RawHeaders = {}, status = 200): RawReply =>
    (socket) =>
      void socket.write(whole(value, headers, status)),
  /** A good response, and FIN before the next request (F22: the keep-alive race). */
  jsonThenClose:
    (value: unknown): RawReply =>
    (socket) =>
      void socket.end(whole(value)),
  /** Exactly these bytes. */
  bytes:
    (bytes: string | Buffer): RawReply =>
    (socket) =>
      void socket.write(bytes),
  /** F5: takes the request and sends nothing. */
  silence: (): RawReply => () => {},
  /** F5: a head that promises a body, then nothing. */
  headersOnly: (): RawReply => (socket) =>
    void socket.write(head(200, { 'content-type': 'application/json', 'content-length': '100' })),
  /** F5: half a body, then nothing. */
  stall:
    (value: unknown): RawReply =>
    (socket) =>
      void socket.write(cut(value)),
  /** F5: one byte at a time. */
  slowBytes:
    (value: unknown, everyMs: number): RawReply =>
    (socket) => {
      const all = whole(value);
      let sent = 0;
      everySoOften(socket, everyMs, () => {
        socket.write(all.subarray(sent, sent + 1));
        sent += 1;
        return sent < all.length;
      });
    },
  /** F2: RST instead of a response. */
  reset: (): RawReply => (socket) => void socket.resetAndDestroy(),
  /** F6: half a body, then RST. */
  resetMidBody:
    (value: unknown): RawReply =>
    (socket) =>
      void socket.write(cut(value), () => socket.resetAndDestroy()),
  /** F6: FIN before `Content-Length` bytes have been sent. */
  shortBody:
    (value: unknown): RawReply =>
    (socket) =>
      void socket.end(cut(value)),
  /** F6: an invalid chunk size. */
  badChunk: (): RawReply => (socket) =>
    void socket.end(
      `${head(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })}zz\r\n{}\r\n0\r\n\r\n`,
    ),
  /** F6: more bytes than `Content-Length` says. */
  trailingGarbage:
    (value: unknown): RawReply =>
    (socket) =>
      void socket.write(Buffer.concat([whole(value), Buffer.from('garbage')])),
  /** F10: a body without end, as fast as it is read. */
  endlessBody:
    (chunkBytes = 65_536): RawReply =>
    (socket) => {
      const chunk = `${chunkBytes.toString(16)}\r\n${' '.repeat(chunkBytes)}\r\n`;
      const pour = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', pour);
      socket.write(head(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }));
      pour();
    },
  /** F10: a head of that many fields. */
  manyHeaders:
    (count: number): RawReply =>
    (socket) =>
      void socket.write(
        whole({}, Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'x']))),
      ),
  /** F11. */
  redirect:
    (status: 301 | 302 | 303 | 307 | 308, location: string): RawReply =>
    (socket) =>
      void socket.write(whole({}, { location }, status)),
} as const;
