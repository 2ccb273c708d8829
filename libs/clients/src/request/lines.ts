import type { OperationInfo } from '@frontage/core';
import { lineReader } from '../decode/decode-media.js';
import type { Download } from './download.js';
import { badPayload } from '../failures/failures.js';
import { guardNumbers } from '../decode/guarded-numbers.js';
import { UpstreamError } from '../failures/upstream.errors.js';
import type { BigNumbers } from '../policy/upstream.options.js';

export interface LineLimits {
  /** The longest line that is held in memory, in bytes. */
  readonly maxLineBytes: number;
  readonly bigNumbers: BigNumbers;
}

/**
 * The values of a download of one JSON text per line. Leaving the loop closes the download.
 * @throws UpstreamError if the response has another media type; during iteration, if a line is no JSON or too long
 */
export async function* linesOf(
  download: Download,
  operation: OperationInfo,
  limits: LineLimits,
): AsyncGenerator<unknown, void, undefined> {
  const bad = (detail: string): UpstreamError => new UpstreamError(operation, badPayload(detail, download.status));
  const readLine = lineReader(limits.bigNumbers === 'reject' ? 'judge_when_read' : limits.bigNumbers);
  const valueOf = (line: Buffer): { readonly value: unknown } | undefined => {
    const read = readLine(line);
    if (typeof read === 'string') throw bad(read);
    return read && { value: guardNumbers(read.value, () => bad('holds a number that a double cannot hold')) };
  };
  const { body } = download;
  // The bytes of an incomplete line.
  let parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
        const line = valueOf(Buffer.concat([...parts, chunk.subarray(start, end)]));
        parts = [];
        size = 0;
        start = end + 1;
        if (line !== undefined) yield line.value;
      }
      if (start === chunk.length) continue;
      parts.push(chunk.subarray(start));
      size += chunk.length - start;
      if (size > limits.maxLineBytes) throw bad(`has a line larger than ${limits.maxLineBytes} bytes`);
    }
    const last = valueOf(Buffer.concat(parts));
    if (last !== undefined) yield last.value;
  } finally {
    body.destroy();
  }
}
