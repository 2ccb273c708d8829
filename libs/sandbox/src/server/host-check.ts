import type { IncomingMessage } from 'node:http';
import { problem, type SandboxResponse } from '../model/behaviour.js';

/** The names under which a browser on this machine reaches this machine, as browsers write them. */
const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

// RFC 9110 section 7.2: a name or an address, and perhaps a port.
const hostSyntax = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i;

/**
 * Decides which requests the sandbox accepts. It listens on the loopback and gives tokens to every caller. A page of another site whose
 * name resolves to 127.0.0.1 (DNS rebinding) still sends its own name as Host, and is refused for that.
 */
export class HostCheck {
  readonly #names: ReadonlySet<string>;

  /**
   * @param names further names, without a port
   * @throws Error for one that is no name
   */
  constructor(names: readonly string[]) {
    const wrong = names.find((name) => nameOf(name) !== name.toLowerCase());
    if (wrong !== undefined)
      throw new Error(`${JSON.stringify(wrong)} is no name of a host: write it without scheme, port and path`);
    this.#names = new Set([...loopbackNames, ...names.map((name) => name.toLowerCase())]);
  }

  /** @param hostname as URLs have it */
  isName(hostname: string): boolean {
    return this.#names.has(hostname.toLowerCase());
  }

  /** The refusal of a request for another host; undefined for an accepted request. */
  refusal({
    url = '',
    headersDistinct,
  }: Pick<IncomingMessage, 'url' | 'headersDistinct'>): SandboxResponse | undefined {
    const [host, ...others] = headersDistinct.host ?? [];
    const name = host === undefined || others.length > 0 ? undefined : nameOf(host);
    // A target with an authority overrides Host (RFC 9112 section 3.2.2), and no client of a sandbox needs one.
    if (name !== undefined && this.#names.has(name) && url.startsWith('/')) return undefined;
    return problem(421, 'The sandbox is not reached by this name', {
      detail: `Its names are ${[...this.#names].join(', ')}; add further names to SANDBOX_HOSTS or allowedHosts.`,
    });
  }

  /** The refusal of a page of another site that requests a token or a control; undefined for own pages and for other clients. */
  refusalOfPage({ headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>): SandboxResponse | undefined {
    const origins = headersDistinct.origin ?? [];
    const isForeign = origins.some((origin) => !this.#isOwn(origin));
    // Fetch Metadata: browsers send it with requests that have no Origin.
    const isCrossSite = origins.length === 0 && (headersDistinct['sec-fetch-site'] ?? []).includes('cross-site');
    if (!isForeign && !isCrossSite) return undefined;
    return problem(403, 'A page of another site may not do this', {
      detail: `Pages of ${[...this.#names].join(', ')} may; add further names to SANDBOX_HOSTS or allowedHosts.`,
    });
  }

  #isOwn(origin: string): boolean {
    const host = /^https?:\/\/([^/?#@]+)$/i.exec(origin)?.[1];
    const name = host === undefined ? undefined : nameOf(host);
    return name !== undefined && this.#names.has(name);
  }
}

/** The name in a Host field, in lower case; undefined where the field is malformed. */
function nameOf(host: string): string | undefined {
  return hostSyntax.exec(host)?.[1]?.toLowerCase();
}
