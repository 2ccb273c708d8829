import { ProblemError } from '@frontage/core';
import type { InboundStage } from '../pipeline.js';

/** Node hands on the first of these and drops the others; whoever stands in front of us may have read another one. */
const once: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type']);
const lengths: ReadonlySet<number> = new Set([...once].map((name) => name.length));

/** Refuses a request that says twice what can be said once (RFC 9112 section 3.2, RELIABILITY H1 and H4). */
export const headersStage: InboundStage =
  () =>
  ({ request: { rawHeaders } }) => {
    let seen = '';
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const field = rawHeaders[i] ?? '';
      if (!lengths.has(field.length)) continue;
      const name = field.toLowerCase();
      if (!once.has(name)) continue;
      if (seen.includes(name)) {
        throw new ProblemError('GW_BAD_REQUEST', {
          detail: `The header field ${name} stands there twice.`,
          headers: { connection: 'close' },
        });
      }
      seen += `${name} `;
    }
  };
