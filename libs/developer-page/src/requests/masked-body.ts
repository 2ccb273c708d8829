import type { RequestBytes } from '../model/request-record.js';

type Masked = Pick<RequestBytes, 'response' | 'masked'>;

/** The value that stands for a masked one. */
const maskOf = (name: string): string => `[${name}]`;

/**
 * A response without the values of its classified members.
 * @param classified by member (`orders[].total`) its class; `undefined` where nothing is known of the members: all values are masked then
 */
export function maskedBody(body: unknown, classified: ReadonlyMap<string, string> | undefined): Masked {
  const masked = new Set<string>();
  const mask = (value: unknown, member: string): unknown => {
    const name = classified === undefined ? 'hidden' : classified.get(member);
    if (name !== undefined && (classified !== undefined || typeof value !== 'object') && value !== null) {
      masked.add(member);
      return maskOf(name);
    }
    if (Array.isArray(value)) return value.map((item: unknown) => mask(item, `${member}[]`));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, mask(inner, member === '' ? key : `${member}.${key}`)]),
    );
  };
  const response = mask(body, '');
  return { response, masked: [...masked] };
}

const secret = /^(?:authorization|cookie|set-cookie|proxy-authorization|x-api-key|dpop|.*token.*|.*secret.*)$/i;

/** Header fields without credentials. */
export const maskedHeaders = (
  headers: readonly (readonly [name: string, value: string])[],
): readonly (readonly [name: string, value: string])[] =>
  headers.map(([name, value]) => [name.toLowerCase(), secret.test(name) ? maskOf('hidden') : value] as const);
