import { request as send, type IncomingHttpHeaders } from 'node:http';
import { Controller, Get, HttpCode, Post, type Type } from '@nestjs/common';
import { Access, Caller, Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import type { Clock } from '@frontage/core';
import { createGateway, type Gateway } from '@frontage/gateway';
import { createSandbox, type Sandbox } from '@frontage/sandbox';
import { policyFile } from './policy-file.js';

/** Counts the handlers that a request has reached. */
export const reached = { count: 0 };

@Controller()
class SessionRoutes {
  @Access()
  @Get('me')
  me(@Caller() caller: Caller): Caller {
    reached.count++;
    return caller;
  }
  @Access({ scope: 'cart:write' })
  @Post('change')
  @HttpCode(200)
  change(): string {
    reached.count++;
    return 'changed';
  }
  @Access({ acr: 'mfa' })
  @Get('secret')
  secret(): string {
    return 'secret';
  }
  @Public()
  @Get('open')
  open(): string {
    return 'open';
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** One request, with nothing added to it: `fetch` would write `sec-fetch-mode` itself. */
export function ask(url: string, method: string, headers: Fields, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = send(
      url,
      {
        method,
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
        ),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    sent.once('error', reject).end(body);
  });
}

/** The fields that a browser sends with a request of a script of the same origin. */
export const ofScript: Fields = {
  'x-csrf': '1',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
};

/** A browser as far as cookies go: one jar per origin. */
export class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  cookies(url: string): ReadonlyMap<string, string> {
    return this.#jar(url);
  }

  forget(url: string): void {
    this.#jar(url).clear();
  }

  plant(url: string, name: string, value: string): void {
    this.#jar(url).set(name, value);
  }

  async ask(
    url: string,
    { method = 'GET', headers = {}, body }: { method?: string; headers?: Fields; body?: string } = {},
  ): Promise<Answer> {
    const jar = this.#jar(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await ask(url, method, { ...(cookie !== '' && { cookie }), ...headers }, body);
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [pair = ''] = line.split(';', 1);
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      if (/max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }

  /** Asks as a script of the page does. */
  script(url: string, method = 'GET', headers: Fields = {}): Promise<Answer> {
    return this.ask(url, { method, headers: { ...ofScript, ...headers } });
  }

  /** The login page of the sandbox, up to the address that it sends the browser to. */
  async atProvider(location: string, user: string): Promise<string> {
    const page = await this.ask(location);
    if (page.status === 303) return page.headers.location ?? '';
    const { origin, pathname, search } = new URL(location);
    const body = new URLSearchParams({ user, request: search.slice(1) }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await this.ask(`${origin}${pathname.replace(/authorize$/, 'login')}`, {
      method: 'POST',
      headers,
      body,
    });
    return answer.headers.location ?? '';
  }

  /** A whole login. @returns the last response, which has the cookie of the session */
  async logIn(bff: string, user = 'ada', query = ''): Promise<Answer> {
    const begun = await this.ask(`${bff}/login${query}`);
    const back = await this.atProvider(begun.headers.location ?? '', user);
    const answer = await this.ask(back);
    if (answer.status !== 200)
      throw new Error(`the login failed: ${begun.status} ${begun.text} ${back} ${answer.status} ${answer.text}`);
    return answer;
  }

  #jar(url: string): Map<string, string> {
    const { origin } = new URL(url);
    let jar = this.#jars.get(origin);
    if (jar === undefined) this.#jars.set(origin, (jar = new Map()));
    return jar;
  }
}

export interface SessionWorldOptions {
  /** Lines of `access.sessions`, with six blanks before each. */
  readonly sessions?: string;
  /** Lines of the provider, with ten blanks before each. */
  readonly provider?: string;
  /** Further lines of the policy. */
  readonly policy?: string;
  readonly strategies?: string;
  readonly app?: string;
  readonly controllers?: readonly Type[];
  readonly clock?: Clock;
  /** @default false */
  readonly admin?: boolean;
}

/** A BFF with sessions, whose provider is that of a sandbox. */
export async function startBff(
  issuer: string,
  options: SessionWorldOptions = {},
): Promise<{
  readonly gateway: Gateway;
  readonly url: string;
  readonly log: string;
  readonly adminUrl: string | undefined;
}> {
  const {
    sessions = '',
    provider = '',
    policy = '',
    strategies,
    app = 'shop',
    controllers = [SessionRoutes],
    clock,
    admin = false,
  } = options;
  // The redirect URI has the port of the app, which is known before it listens.
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const file = policyFile(
    `access:
${strategies === undefined ? '' : `  strategies: ${strategies}\n`}  sessions:
    url: ${url}
${sessions}
    providers:
      main:
        issuer: ${issuer}
        clientId: shop
        clientSecret: sandbox
        scopes: [home:read, cart:write]
${provider}
${policy}`,
    app,
    port,
  );
  const gateway = createGateway(
    { module: class {}, controllers: [...controllers] },
    { loaded: loadConfig(file, { env: {}, environment: 'test' }), admin, ...(clock && { clock }) },
  );
  const { adminUrl } = await gateway.start();
  return { gateway, url, adminUrl, log: `${file}.log` };
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export const startProvider = (): Promise<Sandbox> => createSandbox({ contracts: [], audiences: () => ['shop-bff'] });

/** Changes how the provider of a sandbox behaves. */
export async function setProvider(sandbox: Sandbox, settings: object): Promise<void> {
  await fetch(`${sandbox.url}/__sandbox/issuer`, { method: 'PUT', body: JSON.stringify(settings) });
}

/** The number of requests for tokens, by grant. */
export async function tokenRequests(sandbox: Sandbox): Promise<Readonly<Record<string, number>>> {
  const report = (await (await fetch(`${sandbox.url}/__sandbox/issuer`)).json()) as {
    readonly tokenRequests: Readonly<Record<string, number>>;
  };
  return report.tokenRequests;
}
