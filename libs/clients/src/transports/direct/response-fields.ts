/** Connections that wait longer may be closed by the other side just as we take them. */
export const defaultKeepAliveMs = 4_000;
const maxKeepAliveMs = 600_000;
/** Margin that is subtracted from a keep-alive hint of the other side, for the travel time of a request. */
const keepAliveMarginMs = 2_000;

// Other readers refuse a tab behind them, or take it for a part of the name and read until the connection ends.
const onlyLength = /^[\t ]*\d{1,15} *$/;
const onlyChunked = /^[\t ]*chunked *$/i;

/** Header fields that anything here acts on; the others are only checked. */
export interface Fields {
  readonly headers: Record<string, string | string[] | undefined>;
  /** Of the body; NaN where it is not announced. */
  length: number;
  isChunked: boolean;
  /** 0: the connection ends with this response. */
  keepAliveMs: number;
}

/** Those that decoding asks for. */
const kept: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'content-disposition',
  'dpop-nonce',
  'location',
  'retry-after',
  'x-request-id',
]);

/** Most fields need no look at all: they are not as long as any of these. A bit for each length. */
const lengths = [...kept, 'transfer-encoding', 'connection', 'proxy-connection', 'keep-alive'].reduce(
  (bits, { length }) => bits | (1 << length),
  0,
);

/**
 * Reads the header fields of a response, each in the one spelling of RFC 9112 section 5.
 * @param text a head that was checked
 * @param from the end of the status line, or -1 if nothing follows it
 * @param wanted fields that are kept besides, in lower case
 * @returns the mistake in them, in words, if there is one
 */
export function readFields(text: string, from: number, wanted?: ReadonlySet<string>): Fields | string {
  const fields: Fields = {
    headers: wanted === undefined ? {} : bareTable(),
    length: Number.NaN,
    isChunked: false,
    keepAliveMs: defaultKeepAliveMs,
  };
  if (from === -1) return fields;
  for (let at = from; at !== -1;) {
    const start = at + 2;
    const colon = text.indexOf(':', start);
    at = text.indexOf('\r\n', colon);
    const length = colon - start;
    if (wanted === undefined && (length > 31 || ((lengths >> length) & 1) === 0)) continue;
    const name = text.slice(start, colon).toLowerCase();
    const end = at === -1 ? text.length : at;
    const wrong = readField(name, text.slice(colon + 1, end), fields, wanted);
    if (wrong !== undefined) return wrong;
  }
  return fields.isChunked && !Number.isNaN(fields.length) ? 'sent both a length and a coding' : fields;
}

function readField(
  name: string,
  written: string,
  fields: Fields,
  wanted: ReadonlySet<string> | undefined,
): string | undefined {
  const { headers } = fields;
  const value = trimmed(written);
  switch (name) {
    case 'content-length':
      if (!Number.isNaN(fields.length)) return 'sent two lengths';
      if (!onlyLength.test(written)) return 'sent a length that is none';
      fields.length = Number(value);
      headers[name] = value;
      return undefined;
    case 'transfer-encoding':
      if (fields.isChunked || !onlyChunked.test(written)) return 'sent an unknown transfer coding';
      fields.isChunked = true;
      return undefined;
    case 'connection':
    case 'proxy-connection':
      if (/(?:^|,)[\t ]*close[\t ]*(?:,|$)/i.test(value)) fields.keepAliveMs = 0;
      if (wanted?.has(name) === true) keep(headers, name, value);
      return undefined;
    case 'keep-alive': {
      const seconds = /(?:^|,)[\t ]*timeout=(\d{1,9})/i.exec(value)?.[1];
      if (seconds === undefined || fields.keepAliveMs === 0) return undefined;
      fields.keepAliveMs = Math.max(0, Math.min(maxKeepAliveMs, Number(seconds) * 1_000 - keepAliveMarginMs));
      return undefined;
    }
    default: {
      if (!kept.has(name) && wanted?.has(name) !== true) return undefined;
      keep(headers, name, value);
      return undefined;
    }
  }
}

function keep(headers: Fields['headers'], name: string, value: string): void {
  const before = headers[name];
  headers[name] = before === undefined ? value : typeof before === 'string' ? [before, value] : [...before, value];
}

/** An upstream may send any name, and a contract may declare it: `constructor` too. */
function bareTable(): Record<string, string | string[] | undefined> {
  const made: Record<string, string | string[] | undefined> = Object.create(null);
  return made;
}

function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
