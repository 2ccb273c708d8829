import type { IncomingHttpHeaders } from 'node:http';
import { isUtf8 } from 'node:buffer';
import { mediaKind, ProblemError } from '@frontage/core';
import { readJson } from './read-json.js';

type Done = (error: Error | null, body?: unknown) => void;

interface ParsedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly routeOptions: { readonly config: object };
}

/** The required members of a Fastify instance. */
interface ParserTable {
  removeContentTypeParser(types: string[]): void;
  addContentTypeParser(
    type: string | RegExp,
    options: { readonly parseAs: 'buffer' },
    parser: (request: ParsedRequest, body: Buffer, done: Done) => void,
  ): unknown;
}

/** The media type that the contract of a route has for its body; undefined: JSON. */
type MediaOfRoute = (config: object) => string | undefined;

/**
 * JSON is taken, and no other type: a page of another site can send some of them without being asked first (RELIABILITY A8, H8). A screen whose
 * body is that of an operation takes the media type of the contract too: other JSON (`application/merge-patch+json`), forms and text.
 */
export function takeJson(instance: ParserTable, mediaOfRoute: MediaOfRoute): void {
  const add = (type: string | RegExp, read: (body: Buffer, request: ParsedRequest) => unknown): void => {
    instance.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body, done) => {
      let value: unknown;
      try {
        if (body.length > 0) checkCodings(request.headers);
        value = read(body, request);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      done(null, value);
    });
  };
  instance.removeContentTypeParser(['application/json', 'text/plain']);
  add('application/json', (body, { routeOptions }) => {
    const declared = mediaOfRoute(routeOptions.config);
    // Files stand in no JSON.
    if (declared !== undefined && mediaKind(declared) === 'multipart') throw notTaken(declared);
    return readJson(body);
  });
  add(/^(?:application\/|text\/)/i, (body, { headers, routeOptions }) => {
    const declared = mediaOfRoute(routeOptions.config);
    if (declared === undefined || !isSame(declared, headers['content-type'] ?? '')) throw notTaken(declared);
    switch (mediaKind(declared)) {
      case 'json':
        return readJson(body);
      case 'form':
        return readForm(textOf(body));
      default:
        return textOf(body);
    }
  });
}

/** @param declared the media type that the route takes; JSON where it has none of its own */
export const notTaken = (declared = 'application/json'): ProblemError =>
  new ProblemError('GW_UNSUPPORTED_MEDIA_TYPE', { detail: `The body is taken as ${essenceOf(declared)}.` });

const essenceOf = (media: string): string => (media.split(';', 1)[0] ?? '').trim().toLowerCase();

/** A declared range (`application/*+json`, `text/*`) covers its types. */
function isSame(declared: string, sent: string): boolean {
  const [range, essence] = [essenceOf(declared), essenceOf(sent)];
  if (!range.includes('*')) return range === essence;
  const [start = '', end = ''] = range.split('*', 2);
  return essence.startsWith(start) && essence.endsWith(end) && mediaKind(essence) === mediaKind(declared);
}

/** @throws ProblemError `GW_BAD_REQUEST` for bytes that are no UTF-8 */
function textOf(body: Buffer): string {
  if (isUtf8(body)) return body.toString('utf8');
  throw new ProblemError('GW_BAD_REQUEST', { detail: 'The body is no UTF-8.' });
}

/** Members of a form at most. */
const mostMembers = 1000;

/**
 * A form as an object: a name that stands several times has a list.
 * @throws ProblemError `GW_BAD_REQUEST` for more than 1000 values, and for the name of the prototype of every object
 */
function readForm(text: string): Readonly<Record<string, unknown>> {
  const pairs = [...new URLSearchParams(text)];
  if (pairs.length > mostMembers)
    throw new ProblemError('GW_BAD_REQUEST', { detail: `A form has at most ${mostMembers} values.` });
  const form = new Map<string, string | string[]>();
  for (const [name, value] of pairs) {
    if (name === '__proto__')
      throw new ProblemError('GW_BAD_REQUEST', { detail: 'A member of this name is not taken.' });
    const known = form.get(name);
    if (Array.isArray(known)) known.push(value);
    else form.set(name, known === undefined ? value : [known, value]);
  }
  return Object.fromEntries(form);
}

/** @throws ProblemError `GW_UNSUPPORTED_MEDIA_TYPE` for what is not UTF-8 by its own account, or packed */
function checkCodings(headers: IncomingHttpHeaders): void {
  const charset = /;\s*charset\s*=\s*("[^"]*"|[^;\s]*)/i.exec(headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !utf8Names.has(charset.replaceAll('"', '').toLowerCase())) {
    throw new ProblemError('GW_UNSUPPORTED_MEDIA_TYPE', { detail: 'The body is taken in UTF-8 alone.' });
  }
  const coding = headers['content-encoding']?.trim().toLowerCase();
  if (coding !== undefined && coding !== '' && coding !== 'identity') {
    throw new ProblemError('GW_UNSUPPORTED_MEDIA_TYPE', {
      detail: 'The body is taken without a content coding.',
      // RFC 9110 section 12.5.3: what would have been taken.
      headers: { 'accept-encoding': 'identity' },
    });
  }
}

/** US-ASCII is UTF-8 as it stands. */
const utf8Names: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii']);
