import type { HeaderDescription, ResponseDescription } from '@frontage/contracts';
import type { ContractSamples } from './contract-samples.js';

/**
 * Headers whose values mean something to a client that a made one does not: of the connection and the content, of caches, and those that
 * send it to another place or make it wait.
 */
const unmade: ReadonlySet<string> = new Set([
  'access-control-allow-origin',
  'age',
  'alt-svc',
  'cache-control',
  'connection',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-security-policy',
  'content-type',
  'date',
  'expires',
  'keep-alive',
  'link',
  'pragma',
  'refresh',
  'retry-after',
  'server-timing',
  'set-cookie',
  'strict-transport-security',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'vary',
  'www-authenticate',
]);

/**
 * Values of the headers that a response declares, made of their schemas. One that the request has, too, comes back as it was sent: services
 * use such headers to tell which response belongs to which request.
 * @param sent the headers of the request, by lower-case name
 */
export function headersOfResponse(
  { headers = [] }: ResponseDescription,
  sent: Readonly<Record<string, unknown>>,
  samples: ContractSamples,
  seed: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    headers.flatMap((header): readonly (readonly [string, string])[] => {
      const name = header.name.toLowerCase();
      const value = unmade.has(name) ? undefined : (sent[name] ?? valueOf(header, samples, seed));
      const text = name === 'etag' ? `"${textOf(value) ?? ''}"` : textOf(value);
      // RFC 9110 section 5.5: visible characters and spaces between them.
      return text !== undefined && /^[!-~](?:[ -~]*[!-~])?$/.test(text) ? [[header.name, text]] : [];
    }),
  );
}

const valueOf = ({ name, schema }: HeaderDescription, samples: ContractSamples, seed: string): unknown =>
  samples.value(schema, `${seed} ${name}`);

/** RFC 9110 section 5.6.1: a list is one field, with commas between its values. */
function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const items = value.map(textOf).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items.join(', ');
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
