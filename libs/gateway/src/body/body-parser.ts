import type { IncomingHttpHeaders } from 'node:http';
import { ProblemError } from '@frontage/core';
import { readJson } from './read-json.js';

type Done = (error: Error | null, body?: unknown) => void;

/** The required members of a Fastify instance. */
interface ParserTable {
  removeContentTypeParser(types: string[]): void;
  addContentTypeParser(
    type: string,
    options: { readonly parseAs: 'buffer' },
    parser: (request: { readonly headers: IncomingHttpHeaders }, body: Buffer, done: Done) => void,
  ): unknown;
}

/** JSON alone is taken: a page of another site can send other types without being asked first (RELIABILITY A8, H8). */
export function takeJsonAlone(instance: ParserTable): void {
  instance.removeContentTypeParser(['application/json', 'text/plain']);
  instance.addContentTypeParser('application/json', { parseAs: 'buffer' }, ({ headers }, body, done) => {
    let value: unknown;
    try {
      if (body.length > 0) checkCodings(headers);
      value = readJson(body);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    done(null, value);
  });
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
