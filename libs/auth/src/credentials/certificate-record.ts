import { readFile } from 'node:fs/promises';
import { versionOfFile, type ChangingSource } from '@frontage/core';
import { normalName, thumbprintOf } from './client-certificate.js';

/** A caller that is known by its client certificate. A certificate is one of the caller if it has one of these values. */
export interface CertificateCallerRecord {
  /** Name of the caller: its subject, and its `app`. */
  readonly caller: string;
  /** SHA-256 of the certificate in DER, as base64url. */
  readonly thumbprints: readonly string[];
  /** Alternative names of the certificate with their kind: `DNS:depot.acme.example`. */
  readonly names: readonly string[];
  /** Distinguished names as RFC 4514 writes them. */
  readonly subjects: readonly string[];
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly tenant?: string;
  /** Rate class in place of the limits per caller of each route. */
  readonly quota?: string;
}

/** A caller as the policy or the file has it. */
export interface WrittenCertificateCaller {
  readonly thumbprint?: readonly string[];
  readonly san?: readonly string[];
  readonly subject?: readonly string[];
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  readonly tenant?: string;
  readonly quota?: string;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** @throws TypeError that names the caller and what is wrong with it */
export function certificateRecord(caller: string, written: WrittenCertificateCaller): CertificateCallerRecord {
  const { thumbprint = [], san = [], subject = [], scopes = [], roles = [], tenant, quota } = written;
  if (thumbprint.length + san.length + subject.length === 0)
    throw new TypeError(`the caller "${caller}" has no certificate; give "thumbprint", "san" or "subject"`);
  const thumbprints = thumbprint.map((text) => {
    const read = thumbprintOf(text);
    if (read === undefined)
      throw new TypeError(`the caller "${caller}": "${text}" is no SHA-256 thumbprint; write 64 hex digits`);
    return read;
  });
  const unnamed = san.find((name) => !/^[A-Za-z][A-Za-z ]*:./.test(name));
  if (unnamed !== undefined)
    throw new TypeError(`the caller "${caller}": "${unnamed}" has no kind; write "DNS:${unnamed}" or "URI:..."`);
  return {
    caller,
    thumbprints,
    names: san,
    subjects: subject.map(normalName),
    scopes,
    roles,
    ...(tenant !== undefined && { tenant }),
    ...(quota !== undefined && { quota }),
  };
}

/**
 * Reads a file of callers: `{ "callers": { "depot": { "san": "DNS:depot.acme.example", "scopes": ["orders:read"] } } }`.
 * @throws TypeError or SyntaxError where it is no such file
 */
export function readCertificateFile(text: string): readonly CertificateCallerRecord[] {
  const parsed: unknown = JSON.parse(text);
  const callers: unknown = memberOf(parsed, 'callers');
  if (typeof callers !== 'object' || callers === null || Array.isArray(callers))
    throw new TypeError('it is not an object with an object "callers"');
  return Object.entries(callers).map(([caller, value]: [string, unknown]) => {
    const textsOf = (member: string): readonly string[] => {
      const found = memberOf(value, member) ?? [];
      const list: readonly unknown[] = Array.isArray(found) ? found : [found];
      if (list.every(isText)) return list;
      throw new TypeError(`the caller "${caller}": "${member}" is no text and no list of texts`);
    };
    const textOf = (member: 'tenant' | 'quota') => {
      const found = memberOf(value, member);
      if (found === undefined) return {};
      if (isText(found)) return { [member]: found };
      throw new TypeError(`the caller "${caller}": "${member}" is no text`);
    };
    return certificateRecord(caller, {
      thumbprint: textsOf('thumbprint'),
      san: textsOf('san'),
      subject: textsOf('subject'),
      scopes: textsOf('scopes'),
      roles: textsOf('roles'),
      ...textOf('tenant'),
      ...textOf('quota'),
    });
  });
}

const memberOf = (value: unknown, member: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, member) : undefined;

/** Callers in a file, which may be replaced at any time. */
export function callersInFile(file: string): ChangingSource<readonly CertificateCallerRecord[]> {
  return {
    version: () => versionOfFile(file),
    read: async () => readCertificateFile(await readFile(file, 'utf8')),
  };
}
