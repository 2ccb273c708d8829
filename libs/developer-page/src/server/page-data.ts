import type { RequestBytes } from '../model/request-record.js';
import type { DeveloperSource } from '../model/source.js';
import type { DeveloperState, UpstreamState } from '../model/state.js';
import { maskedBody, maskedHeaders } from '../requests/masked-body.js';
import type { KeptRequest, RequestRing } from '../requests/request-ring.js';
import type { SandboxClient } from './sandbox-client.js';
import type { UpstreamWindow } from '../requests/upstream-window.js';

/** The data of the page, made when it asks. */
export class PageData {
  readonly #source: DeveloperSource;
  readonly #ring: RequestRing;
  readonly #window: UpstreamWindow;
  readonly #sandbox: SandboxClient | undefined;
  readonly #boot: string;

  constructor(parts: {
    readonly source: DeveloperSource;
    readonly ring: RequestRing;
    readonly window: UpstreamWindow;
    readonly sandbox: SandboxClient | undefined;
    readonly boot: string;
  }) {
    this.#source = parts.source;
    this.#ring = parts.ring;
    this.#window = parts.window;
    this.#sandbox = parts.sandbox;
    this.#boot = parts.boot;
  }

  async state(): Promise<DeveloperState> {
    const { app, environment } = this.#source;
    // A sandbox that does not respond takes nothing but its own view.
    const sandbox = await this.#sandbox?.state().catch(() => undefined);
    return {
      app,
      environment,
      url: this.#source.url(),
      boot: this.#boot,
      endpoints: this.#source.endpoints(),
      upstreams: this.upstreams(),
      requests: this.#ring.list(),
      ...(sandbox !== undefined && { sandbox }),
    };
  }

  upstreams(): readonly UpstreamState[] {
    const now = this.#source.clock.now();
    return this.#source.upstreams().map((facts) => ({
      ...facts,
      ...this.#window.figures(facts.name, now),
      isSandbox: this.#sandbox?.plays(facts.name) === true,
    }));
  }

  /** @param isRevealed with the values of classified members */
  bytes({ record, copy }: KeptRequest, isRevealed: boolean): RequestBytes {
    const { method, route } = record;
    const requestHeaders = copy.requestHeaders.flatMap((name, at, all) =>
      at % 2 === 0 ? [[name, all[at + 1] ?? ''] as const] : [],
    );
    const responseHeaders = copy.responseHeaders();
    const headers = {
      requestHeaders: maskedHeaders(requestHeaders),
      responseHeaders: maskedHeaders(responseHeaders),
    };
    const type = responseHeaders.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
    const parsed = parsedBody(copy.responseBody.isTooLong ? undefined : copy.responseBody.bytes, type);
    if (parsed === undefined) {
      const noResponse = copy.responseBody.isTooLong ? 'longer than what is kept' : 'no JSON';
      return { ...headers, noResponse, masked: [] };
    }
    // Problems are made by the gateway, which puts nothing of a service into them.
    const isOwn = /\bproblem\+json\b/i.test(type);
    if (isRevealed || isOwn) return { ...headers, response: parsed.value, masked: [] };
    return { ...headers, ...maskedBody(parsed.value, this.#source.classified(method, route)) };
  }
}

function parsedBody(bytes: Buffer | undefined, type: string): { readonly value: unknown } | undefined {
  if (bytes === undefined || !/[/+]json\b/i.test(type)) return undefined;
  try {
    return { value: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return undefined;
  }
}
