/**
 * The way in which content of a media type is read and written.
 * - `json` any JSON value
 * - `ndjson` a list, one JSON value per line (or after each U+001E: RFC 7464); typed and validated as a list
 * - `form` `application/x-www-form-urlencoded`
 * - `multipart` RFC 7578 and its relatives
 * - `text` UTF-8 text, XML and YAML too
 * - `binary` bytes
 */
export type MediaKind = 'json' | 'ndjson' | 'form' | 'multipart' | 'text' | 'binary';

const ndjson: ReadonlySet<string> = new Set(
  'ndjson x-ndjson jsonl x-jsonl jsonlines x-jsonlines json-lines json-seq stream+json x-json-stream'
    .split(' ')
    .map((subtype) => `application/${subtype}`),
);

const text: ReadonlySet<string> = new Set(
  (
    'xml xml-dtd yaml x-yaml toml javascript x-javascript ecmascript graphql sql x-sh jwt pem-certificate-chain x-pem-file ' +
    'x-x509-ca-cert-pem rtf x-tex x-subrip'
  )
    .split(' ')
    .map((subtype) => `application/${subtype}`),
);

/** Parameters of the media type (`; charset=utf-8`) do not matter. */
export function mediaKind(media: string): MediaKind {
  const type = (media.split(';')[0] ?? media).trim().toLowerCase();
  if (ndjson.has(type) || type === 'text/jsonl' || type.endsWith('+json-seq')) return 'ndjson';
  // RFC 6839 section 3.1 counts `+json`.
  if (type.endsWith('/json') || type.endsWith('+json') || type.endsWith('/x-json')) return 'json';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type.startsWith('multipart/')) return 'multipart';
  return type.startsWith('text/') || text.has(type) || /[+](xml|yaml|jwt)$/.test(type) ? 'text' : 'binary';
}
