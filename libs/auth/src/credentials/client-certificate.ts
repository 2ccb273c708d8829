import type { X509Certificate } from 'node:crypto';

/** The certificate of a client, as far as it identifies a caller. */
export interface ClientCertificate {
  /** SHA-256 of the certificate in DER, as base64url: `x5t#S256` (RFC 8705 section 3.1). */
  readonly thumbprint: string;
  /** Distinguished name as RFC 4514 writes it, the most specific part first: `CN=depot,O=Acme,C=DE`. */
  readonly subject: string;
  /** Alternative names with their kind: `DNS:depot.acme.example`, `URI:spiffe://acme.example/depot`. */
  readonly names: readonly string[];
  /** Wall-clock milliseconds. */
  readonly validFrom: number;
  /** Wall-clock milliseconds. */
  readonly validTo: number;
  /** The reason why no authority of the policy vouches for it. @default one does */
  readonly untrusted?: string;
}

/** @param untrusted see {@link ClientCertificate} */
export function readCertificate(certificate: X509Certificate, untrusted?: string): ClientCertificate {
  const { fingerprint256, subject, subjectAltName, validFromDate, validToDate } = certificate;
  return {
    thumbprint: thumbprintOf(fingerprint256) ?? '',
    subject: distinguishedName(textOf(subject)),
    names: alternativeNames(textOf(subjectAltName)),
    validFrom: validFromDate.getTime(),
    validTo: validToDate.getTime(),
    ...(untrusted !== undefined && { untrusted }),
  };
}

/** A certificate without a subject, or without alternative names, has none here, whatever the types of Node say. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A thumbprint in hex, with or without colons, or in base64url, as base64url; `undefined` for another text. */
export function thumbprintOf(text: string): string | undefined {
  const hex = text.replaceAll(':', '');
  if (/^[0-9a-f]{64}$/i.test(hex)) return Buffer.from(hex, 'hex').toString('base64url');
  return /^[A-Za-z0-9_-]{43}$/.test(text) ? text : undefined;
}

/** A name as a team writes it: blanks behind commas between parts are left out (RFC 4514 escapes a comma within a part). */
export const normalName = (name: string): string => name.trim().replace(/(?<!\\), +/g, ',');

/** Node gives one part of the name per line, the most general first, with values escaped as in RFC 4514. */
function distinguishedName(lines: string): string {
  return lines
    .split('\n')
    .toReversed()
    .map((part) => part.replaceAll(/(?<!\\) \+ /g, '+'))
    .join(',');
}

/** Node separates names with a comma, and writes a name with characters that could be misread as a JSON text. */
export function alternativeNames(text: string): readonly string[] {
  const names: string[] = [];
  for (const [, kind = '', quoted, plain = ''] of text.matchAll(/([^:,]+):(?:("(?:[^"\\]|\\.)*")|([^,]*))(?:, |$)/g)) {
    const value: unknown = quoted === undefined ? plain : JSON.parse(quoted);
    if (typeof value === 'string') names.push(`${kind}:${value}`);
  }
  return names;
}
