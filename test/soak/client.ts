import { once } from 'node:events';
import { request, type Agent, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Asked {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

/** One request by a client that does nothing unusual. @throws where no whole response comes within ten seconds */
export async function ask(
  url: string,
  path: string,
  { method = 'GET', headers = {}, body, agent }: AskOptions = {},
): Promise<Asked> {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const sent = request(url + path, {
    method,
    headers: { ...length, ...headers },
    agent: agent ?? false,
    signal: AbortSignal.timeout(10_000),
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, text: await text(response) };
}

export const jsonType = { 'content-type': 'application/json' } as const;
export const bearer = (token: string | undefined): { readonly authorization: string } => ({
  authorization: `Bearer ${token ?? ''}`,
});

const sockets = new Set<Socket>();

/** A connection whose client may do whatever it likes. Errors of it are no failure of the test. */
export async function openSocket(url: string): Promise<Socket> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('close', () => resolve());
  });
  return socket;
}

/** Ends what is left of the connections of {@link openSocket}. */
export function closeSockets(): void {
  for (const socket of sockets) socket.destroy();
}

/** Sends exactly these bytes and gives back all that comes until the connection is closed, or the time has passed. */
export async function sendBytes(url: string, bytes: string | Buffer, withinMs = 10_000): Promise<string> {
  const socket = await openSocket(url);
  let received = '';
  socket.setEncoding('latin1').on('data', (data: string) => (received += data));
  if (typeof bytes === 'string') socket.write(bytes, 'latin1');
  else socket.write(bytes);
  const timer = setTimeout(() => socket.destroy(), withinMs);
  await new Promise<void>((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
  clearTimeout(timer);
  return received;
}

/** Status codes of the responses in these bytes. */
export const statusesIn = (bytes: string): readonly number[] =>
  Array.from(bytes.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status)).filter((status) => status >= 200);
