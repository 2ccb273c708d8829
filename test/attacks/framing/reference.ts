/** A request as an independent and strict reader of RFC 9112 finds it. */
export interface FramedRequest {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

export interface Framing {
  /** Those that are whole, in order, up to the first place that is no HTTP, can be read in two ways, or ends the connection. */
  readonly requests: readonly FramedRequest[];
  /** The reason why it stopped before the end of the bytes. */
  readonly refusal?: string;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110 section 5.5, without the control bytes that it forbids. */
const fieldValue = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
/** RFC 9112 section 3 allows to take several blanks for one. */
const requestLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +([\u0021-\u007e\u0080-\u00ff]+) +(?:HTTP|RTSP)\/1\.([01])$/;

class Refused extends Error {}
/** The bytes end in the middle of a request. */
class Incomplete extends Error {}

/** Reads what one connection brings. Bytes are latin-1 text. */
export function readFraming(bytes: string): Framing {
  const requests: FramedRequest[] = [];
  const reader = new Reader(bytes);
  try {
    while (reader.skipEmptyLines()) {
      const { request, isLast } = reader.request();
      requests.push(request);
      if (isLast) return { requests, refusal: 'the connection ends' };
    }
    return { requests };
  } catch (cause) {
    if (cause instanceof Refused || cause instanceof Incomplete) return { requests, refusal: cause.message };
    throw cause;
  }
}

class Reader {
  readonly #bytes: string;
  #at = 0;

  constructor(bytes: string) {
    this.#bytes = bytes;
  }

  /** RFC 9112 section 2.2: empty lines before a request may be ignored, and LF may end a line. @returns whether anything is left */
  skipEmptyLines(): boolean {
    while (this.#bytes[this.#at] === '\r' || this.#bytes[this.#at] === '\n') this.#at += 1;
    return this.#at < this.#bytes.length;
  }

  request(): { readonly request: FramedRequest; readonly isLast: boolean } {
    const [, method = '', target = '', minor] = requestLine.exec(this.#line()) ?? refuse('the request line');
    const fields = this.#fields();
    const hosts = fields.get('host') ?? [];
    if (minor === '1' ? hosts.length !== 1 : hosts.length > 1) refuse('host');
    const body = this.#body(fields, minor === '1');
    const options = (fields.get('connection') ?? []).join(',').toLowerCase().split(',');
    const connection = new Set(options.map((option) => option.trim()));
    const isLast = connection.has('close') || (minor === '0' && !connection.has('keep-alive'));
    return { request: { method, target, body }, isLast };
  }

  #line(): string {
    const end = this.#bytes.indexOf('\r\n', this.#at);
    if (end < 0) throw new Incomplete('a line without end');
    const line = this.#bytes.slice(this.#at, end);
    this.#at = end + 2;
    if (/[\r\n\0]/.test(line)) refuse('a bare CR, LF or NUL');
    return line;
  }

  #fields(): ReadonlyMap<string, readonly string[]> {
    const fields = new Map<string, string[]>();
    for (let line = this.#line(); line !== ''; line = this.#line()) {
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(colon, 0));
      const value = line.slice(colon + 1).replaceAll(/^[ \t]+|[ \t]+$/g, '');
      if (!token.test(name) || !fieldValue.test(value)) refuse('a field');
      const known = fields.get(name.toLowerCase());
      if (known === undefined) fields.set(name.toLowerCase(), [value]);
      else known.push(value);
    }
    return fields;
  }

  #body(fields: ReadonlyMap<string, readonly string[]>, mayBeChunked: boolean): string {
    const codings = fields.get('transfer-encoding');
    const lengths = fields.get('content-length');
    if (codings !== undefined) {
      if (lengths !== undefined || !mayBeChunked || codings.length !== 1) refuse('two ways to read the length');
      if (codings[0]?.toLowerCase() !== 'chunked') refuse('an unknown transfer coding');
      return this.#chunks();
    }
    if (lengths === undefined) return '';
    const [length = ''] = lengths;
    if (lengths.length !== 1 || !/^\d{1,15}$/.test(length)) refuse('the content length');
    return this.#take(Number(length));
  }

  #chunks(): string {
    let body = '';
    for (;;) {
      const [, digits = ''] =
        /^([0-9A-Fa-f]{1,12})(?:[ \t]*;[\t\u0020-\u007e\u0080-\u00ff]*)?$/.exec(this.#line()) ?? refuse('a chunk size');
      const size = Number.parseInt(digits, 16);
      if (size === 0) {
        this.#fields();
        return body;
      }
      body += this.#take(size);
      if (this.#take(2) !== '\r\n') refuse('a chunk that is longer than its size');
    }
  }

  #take(length: number): string {
    if (this.#at + length > this.#bytes.length) throw new Incomplete('a body without end');
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }
}

function refuse(what: string): never {
  throw new Refused(what);
}
