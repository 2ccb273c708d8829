import type { IncomingMessage } from 'node:http';
import { Body, Controller, Get, Inject, Injectable, Post, Req } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { GatewayUnderTest } from '../../../libs/gateway/src/fixtures/gateway-under-test.js';
import { RUNTIME, type GatewayRuntime } from '../../../libs/gateway/src/runtime/runtime.js';
import { openSocket } from '../../soak/client.js';
import type { FramedRequest } from './reference.js';

interface Handled {
  readonly raw: IncomingMessage;
}

let handled: string[] = [];
let runtime: GatewayRuntime | undefined;

/** As one line, comparable with {@link lineOf}. */
const record = ({ raw }: Handled, body: unknown): void =>
  void handled.push(`${raw.method} ${raw.url} ${raw.method === 'POST' ? JSON.stringify(body) : ''}`);

/** The record that a handler writes of a request; `undefined` where its body is none that a handler gets. */
export function lineOf({ method, target, body }: FramedRequest): string | undefined {
  if (method !== 'POST') return `${method} ${target} `;
  try {
    return `POST ${target} ${JSON.stringify(body === '' ? undefined : JSON.parse(Buffer.from(body, 'latin1').toString('utf8')))}`;
  } catch {
    return undefined;
  }
}

@Public()
@Controller()
class Recording {
  @Get('get')
  get(@Req() request: Handled): string {
    record(request, undefined);
    return 'got';
  }
  @Get('smuggled')
  smuggled(@Req() request: Handled): string {
    record(request, undefined);
    return 'smuggled';
  }
  @Post('echo')
  echo(@Req() request: Handled, @Body() body: unknown): unknown {
    record(request, body);
    return { body };
  }
}

@Injectable()
class Counters {
  constructor(@Inject(RUNTIME) running: GatewayRuntime) {
    runtime = running;
  }
}

export interface Served {
  /** Requests that reached a handler, in order. */
  readonly handled: readonly string[];
  /** Status codes of all responses of the connection. */
  readonly statuses: readonly number[];
}

/** A BFF that writes down which requests its handlers get. */
export class RecordingApp {
  readonly #app: GatewayUnderTest;

  private constructor(app: GatewayUnderTest) {
    this.#app = app;
  }

  static async start(): Promise<RecordingApp> {
    const policy = 'limits: { headersTimeout: 2s, requestTimeout: 2s }\n';
    return new RecordingApp(
      await GatewayUnderTest.start({ controllers: [Recording], providers: [Counters], policy, upstreams: '' }),
    );
  }

  get inFlight(): number {
    return runtime?.inFlight ?? Number.NaN;
  }

  get watched(): number {
    return runtime?.watched ?? Number.NaN;
  }

  /** Sends bytes in pieces over one connection, says that no more come, and waits for its end. */
  async serve(pieces: readonly string[]): Promise<Served> {
    handled = [];
    const mine = handled;
    const socket = await openSocket(this.#app.url);
    let received = '';
    socket.setEncoding('latin1').on('data', (text: string) => (received += text));
    for (const piece of pieces) {
      socket.write(piece, 'latin1');
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end();
    await new Promise<void>((resolve) => {
      if (socket.closed) resolve();
      else socket.once('close', () => resolve());
    });
    const statuses = Array.from(received.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status));
    return { handled: mine, statuses: statuses.filter((status) => status >= 200) };
  }

  get(): Promise<Response> {
    return this.#app.ask('/get');
  }

  stop(): Promise<void> {
    return this.#app.stop();
  }
}
