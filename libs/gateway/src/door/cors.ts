import type { IncomingMessage } from 'node:http';
import type { CorsConfig } from '@frontage/config';

const label = /^[a-z0-9-]{1,63}$/;
const notAllowed: readonly string[] = ['vary', 'origin'];

/**
 * The pages of other origins that may call an app (https://fetch.spec.whatwg.org/#http-cors-protocol). An origin is compared with the list of
 * the policy, and a response names that one origin: no policy makes it name any origin, or the origin `null`.
 */
export class Cors {
  /** Header fields of a response, by origin, flat. */
  readonly #exact: ReadonlyMap<string, readonly string[]>;
  readonly #wildcards: readonly (readonly [before: string, after: string])[];
  readonly #more: readonly string[];
  readonly #preflight: readonly string[];

  constructor({ origins, headers, exposeHeaders, credentials, maxAgeMs }: CorsConfig) {
    this.#more = [
      ...(credentials ? ['access-control-allow-credentials', 'true'] : []),
      ...(exposeHeaders.length > 0 ? ['access-control-expose-headers', exposeHeaders.join(', ')] : []),
    ];
    const [wildcards, exact] = [true, false].map((isWild) => origins.filter((one) => one.includes('*') === isWild));
    this.#exact = new Map((exact ?? []).map((origin) => [origin, this.#fields(origin)]));
    this.#wildcards = (wildcards ?? []).map((origin) => {
      const [before = '', after = ''] = origin.split('*');
      return [before, after];
    });
    this.#preflight = [
      'access-control-allow-headers',
      headers.join(', '),
      'access-control-max-age',
      `${Math.floor(maxAgeMs / 1000)}`,
      'vary',
      'access-control-request-method, access-control-request-headers',
      'cache-control',
      'no-store',
    ];
  }

  /** Header fields of the response to a request of this origin, flat; those of every response where there is none. */
  fieldsFor(origin: string | undefined): readonly string[] {
    if (origin === undefined) return notAllowed;
    const known = this.#exact.get(origin);
    if (known !== undefined) return known;
    return this.#isBelow(origin) ? this.#fields(origin) : notAllowed;
  }

  /** More header fields of the response to a preflight for a path with these methods, flat; undefined where the origin is not allowed. */
  preflightFor(origin: string, methods: readonly string[]): readonly string[] | undefined {
    if (!this.allows(origin)) return undefined;
    return ['access-control-allow-methods', methods.join(', '), ...this.#preflight];
  }

  /** True if pages of this origin may read responses. */
  allows(origin: string): boolean {
    return this.#exact.has(origin) || this.#isBelow(origin);
  }

  #isBelow(origin: string): boolean {
    return this.#wildcards.some(
      ([before, after]) =>
        origin.startsWith(before) && origin.endsWith(after) && label.test(origin.slice(before.length, -after.length)),
    );
  }

  #fields(origin: string): readonly string[] {
    return ['access-control-allow-origin', origin, ...this.#more, ...notAllowed];
  }
}

/** The origin of a request with which a browser asks whether a page may send another one; undefined for any other request. */
export const preflightOrigin = ({ method, headers }: IncomingMessage): string | undefined =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined ? headers.origin : undefined;
