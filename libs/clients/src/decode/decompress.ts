import { table } from '@frontage/core';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

/** The error as a sentence about the body, or the bytes of the body. */
type Decompressed = (error: string | undefined, bytes: Buffer) => void;

const codings: Readonly<Record<string, typeof gunzip | typeof inflate | undefined>> = table({
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: inflate,
  br: brotliDecompress,
});

const nothing = Buffer.alloc(0);

/** True if the body travels as it is. We ask for `identity`, so that everything else is the exception. */
export function isIdentity(contentEncoding: string | string[] | undefined): boolean {
  return contentEncoding === undefined || contentEncoding === '' || contentEncoding === 'identity';
}

/**
 * Undoes one content coding (RFC 9110 section 8.4.1) with bounded output. Stacked codings are refused: they have no use, and each one
 * multiplies what a few bytes can grow to.
 */
export function decompress(
  contentEncoding: string | string[],
  bytes: Buffer,
  maxBytes: number,
  done: Decompressed,
): void {
  const coding = typeof contentEncoding === 'string' ? codings[contentEncoding.trim().toLowerCase()] : undefined;
  if (coding === undefined) {
    done(`has content coding ${String(contentEncoding)}`, nothing);
    return;
  }
  coding(bytes, { maxOutputLength: maxBytes }, (error, result) => {
    if (error === null) done(undefined, result);
    else
      done(
        'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
          ? `is larger than ${maxBytes} bytes`
          : 'cannot be decompressed',
        nothing,
      );
  });
}
