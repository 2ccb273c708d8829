const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');

/** Finds the ends of HTTP/1.1 responses in the bytes of one connection, and their statuses; bodies are skipped. */
export class ResponseReader {
  #unread: Buffer = Buffer.alloc(0);
  /** Bytes of the body that are still to come; -1 in a head, -2 in chunks. */
  #left = -1;
  #status = 0;

  /** @returns the status of the response that these bytes end, or undefined while it goes on. One response is read at a time. */
  read(bytes: Buffer): number | undefined {
    if (this.#left >= 0) return this.#skip(bytes.length);
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    if (this.#left === -2) return this.#readChunks();
    const end = this.#unread.indexOf(headEnd);
    if (end === -1) return undefined;
    const head = this.#unread.toString('latin1', 0, end);
    this.#status = Number(head.slice(9, 12));
    const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
    if (length === undefined && /\r\ntransfer-encoding: *chunked/i.test(head)) {
      this.#left = -2;
      this.#unread = this.#unread.subarray(end + headEnd.length);
      return this.#readChunks();
    }
    const there = this.#unread.length - end - headEnd.length;
    this.#left = Number(length ?? 0);
    this.#unread = Buffer.alloc(0);
    return this.#skip(there);
  }

  /** The next request is sent after this response was read, so that the end of the bytes is the end of the response. */
  #readChunks(): number | undefined {
    const tail = this.#unread.subarray(-lastChunk.length - 2);
    const isLast = tail.equals(lastChunk) || tail.toString('latin1') === '\r\n0\r\n\r\n';
    // Of what was read, only the end matters.
    this.#unread = Buffer.from(tail);
    return isLast ? this.#done() : undefined;
  }

  #skip(count: number): number | undefined {
    this.#left -= count;
    return this.#left <= 0 ? this.#done() : undefined;
  }

  #done(): number {
    this.#left = -1;
    this.#unread = Buffer.alloc(0);
    return this.#status;
  }
}
