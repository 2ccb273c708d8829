import type { InboundHeaders } from '@frontage/context';
import Negotiator from 'negotiator';
import { isFieldValue } from '../encode/encode-value.js';
import type { ResolvedUpstreamOptions } from '../policy/upstream.options.js';

/** A field of the request that goes upstream with a call. */
export interface ForwardedField {
  /** In lower case. */
  readonly name: string;
  /** The value that is sent, which is part of the key of a cached response; `undefined` where the field is not sent. */
  read(inbound: InboundHeaders): string | undefined;
}

/**
 * The fields that go upstream with the calls of one operation. Where its cache rule has `vary`, only the fields there go, each with one of its
 * values: a field that is not part of the key cannot change a response that others get, and a key has as many forms as policy lists.
 */
export function forwardedFields(
  operation: string,
  { forwardHeaders, cache }: Pick<ResolvedUpstreamOptions, 'forwardHeaders' | 'cache'>,
): readonly ForwardedField[] {
  const vary = cache?.[operation]?.vary;
  if (vary === undefined) return forwardHeaders.map((name) => ({ name, read: (inbound) => fieldOf(inbound, name) }));
  return Object.entries(vary).map(([name, values]) => {
    const choose = name === 'accept-language' ? languageOf : wordOf;
    return { name, read: (inbound) => choose(fieldOf(inbound, name), values) };
  });
}

function fieldOf(inbound: InboundHeaders, name: string): string | undefined {
  const value = Object.hasOwn(inbound, name) ? inbound[name] : undefined;
  if (value === undefined) return undefined;
  // RFC 9110 section 5.3: fields of one name are one list.
  const text = typeof value === 'string' ? value : value.join(', ');
  return text !== '' && isFieldValue(text) ? text : undefined;
}

/** Characters of a list of languages that are read: those behind would cost time, and no browser sends so many. */
const longestLanguages = 256;

/** The language that the client likes best (RFC 9110 section 12.5.4); the first one for a client that likes none of them. */
function languageOf(text: string | undefined, values: readonly string[]): string | undefined {
  if (text === undefined) return values[0];
  const header = text.slice(0, longestLanguages);
  return new Negotiator({ headers: { 'accept-language': header } }).language([...values]) ?? values[0];
}

function wordOf(text: string | undefined, values: readonly string[]): string | undefined {
  const word = text?.trim().toLowerCase();
  return values.find((value) => value.toLowerCase() === word) ?? values[0];
}
