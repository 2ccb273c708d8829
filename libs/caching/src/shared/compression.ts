import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';

export type Coding = 'plain' | 'zstd';

/** Smaller bodies gain next to nothing. */
const leastBytes = 4 * 1024;
/** Up to here it takes less time than to hand the work to another thread, about 0.1 ms: it is done at once. Beyond, it is done off the event loop. */
const mostBytesAtOnce = 32 * 1024;
/** Larger bodies are stored as they are, so that no record makes a process reserve more than this for one. */
const mostBytes = 64 * 1024 * 1024;

// The level that costs least: the others make JSON hardly smaller, at several times the cost.
const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 };
const compress = promisify<Buffer, typeof options, Buffer>(zstdCompress);
const decompress = promisify<Buffer, { readonly maxOutputLength: number }, Buffer>(zstdDecompress);
const options = { params };

/** A body as it is stored: smaller, where that is worth the while. */
export async function compressed(body: Buffer): Promise<{ readonly coding: Coding; readonly bytes: Buffer }> {
  const { byteLength } = body;
  if (byteLength < leastBytes || byteLength > mostBytes) return { coding: 'plain', bytes: body };
  const bytes = byteLength <= mostBytesAtOnce ? zstdCompressSync(body, options) : await compress(body, options);
  return bytes.byteLength < byteLength ? { coding: 'zstd', bytes } : { coding: 'plain', bytes: body };
}

/**
 * The body of a record.
 * @param length its bytes before compression, as the record has it; no more are made of any record
 * @returns undefined where the body is of another length
 * @throws Error where the bytes are not what the coding says
 */
export async function decompressed(coding: Coding, bytes: Buffer, length: number): Promise<Buffer | undefined> {
  if (coding === 'plain') return bytes.byteLength === length ? bytes : undefined;
  if (length < leastBytes || length > mostBytes) return undefined;
  const limit = { maxOutputLength: length };
  const body = length <= mostBytesAtOnce ? zstdDecompressSync(bytes, limit) : await decompress(bytes, limit);
  return body.byteLength === length ? body : undefined;
}
