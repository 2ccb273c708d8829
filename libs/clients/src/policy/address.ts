import { isServiceName } from '@frontage/core';

/** One address of an upstream: an entry of `urls`, parsed once. */
export interface Address {
  /** `https://orders.internal:8443` */
  readonly origin: string;
  /** Path before every path of the contract, without a slash at its end; mostly empty. */
  readonly prefix: string;
}

/**
 * The address that names a service, if there is one.
 * @param operations those that have addresses of their own
 * @throws TypeError where a service stands beside other addresses, has a port, or belongs to one operation
 */
export function serviceOf(
  upstream: string,
  urls: readonly string[],
  operations: Readonly<Record<string, { readonly urls?: readonly string[] }>> = {},
): Address | undefined {
  const isService = ({ origin }: Address): boolean => isServiceName(new URL(origin).hostname);
  for (const [id, { urls: own = [] }] of Object.entries(operations))
    if (own.length > 0 && addressesOf(`${upstream}.${id}`, own).some(isService))
      throw new TypeError(`${upstream}.${id}: urls of an operation cannot name a service`);
  const addresses = addressesOf(upstream, urls);
  const service = addresses.find(isService);
  if (service === undefined) return undefined;
  if (addresses.length > 1) throw new TypeError(`${upstream}: urls names a service, which stands alone`);
  if (urls.some((url) => /^[^/]*\/\/[^/]*:\d/.test(url)))
    throw new TypeError(`${upstream}: urls names a service with a port, which its records have`);
  return service;
}

/** @throws TypeError naming the upstream and the address that is no base address */
export function addressesOf(upstream: string, urls: readonly string[]): readonly [Address, ...Address[]] {
  const [first, ...others] = urls.map((text) => addressOf(upstream, text));
  if (first === undefined) throw new TypeError(`${upstream}: urls must hold at least one address`);
  return [first, ...others];
}

function addressOf(upstream: string, text: string): Address {
  const url = /[{}]/.test(text) ? null : URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TypeError(`${upstream}: urls holds "${text}"; takes an absolute address with http or https`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError(
      `${upstream}: urls holds an address with credentials, a query or a fragment; takes host, port and path only`,
    );
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') };
}
