import { EncodeError } from './encode-value.js';

/**
 * Refuses a path value that a server may read as a way to another operation. One more decoding turns `..%2Fadmin` into `../admin`, which
 * nginx, Tomcat and WHATWG URL parsers resolve; so the text is decoded until nothing changes, and no piece between `/` and `\` may be `.`
 * or `..` at any stage (RELIABILITY A12, A18). Text that servers cut off or drop does not hide a piece: matrix parameters (`..;x=1`), a query,
 * a NUL, control characters and blanks. Spellings that they read as a dot or a slash count as one: overlong UTF-8, `%u002e`, full-width forms.
 * @param text the value, or the segment as it is written
 * @param isSegment whether a text without any separator stands alone between two slashes, so that `..` climbs
 * @throws EncodeError
 */
export function refuseClimbing(text: string, isSegment: boolean): void {
  if (!(isSegment ? mayClimbAsWritten : mayClimb).test(text)) return;
  let bytes = Buffer.from(text, 'utf8').toString('latin1');
  for (let round = 0; round <= maxRounds; round++) {
    if (hasDotPiece(readAsText(bytes), isSegment)) {
      throw new EncodeError('holds "." or ".." between slashes, which climbs to another path once it is decoded');
    }
    const decoded = decodeOnce(bytes);
    if (decoded === bytes) return;
    bytes = decoded;
  }
  throw new EncodeError(`is percent-encoded more than ${maxRounds} times`);
}

/** Decodings that are followed. Each one costs a pass, so that a value which hides behind more is refused instead. */
const maxRounds = 8;

/** All others hold no dot, and nothing that could become one. */
const mayClimb = /[.%]|[^\0-\x7f]/;
/** The same for a segment: each percent sign and each character beyond ASCII is percent-encoded there. */
const mayClimbAsWritten = /\.|%25|%[C-F]/;

/** One decoding, with `%2525...` taken to its end at once: otherwise the cost would grow with the square of its length. */
function decodeOnce(bytes: string): string {
  return bytes
    .replace(/%(?:25)+(?=[0-9A-Fa-fu%])/g, '%')
    .replace(/%(?:u00)?([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/%u([0-9A-Fa-f]{4})/g, (_, hex: string) =>
      Buffer.from(String.fromCharCode(Number.parseInt(hex, 16)), 'utf8').toString('latin1'),
    );
}

/** UTF-8 in more bytes than it needs (RFC 3629 section 3 forbids it, old decoders read it): two to six bytes for one ASCII character. */
const overlong =
  /[\xc0\xc1][\x80-\xbf]|\xe0[\x80\x81][\x80-\xbf]|\xf0\x80[\x80\x81][\x80-\xbf]|\xf8\x80\x80[\x80\x81][\x80-\xbf]|\xfc\x80\x80\x80[\x80\x81][\x80-\xbf]/g;

function readAsText(bytes: string): string {
  const short = bytes.replace(overlong, (sequence) => {
    const last = sequence.charCodeAt(sequence.length - 1);
    const before = sequence.charCodeAt(sequence.length - 2);
    return String.fromCharCode(((before & 1) << 6) | (last & 0x3f));
  });
  return Buffer.from(short, 'latin1')
    .toString('utf8')
    .normalize('NFKC')
    .replace(slashes, '/')
    .replace(backslashes, '\\');
}

/** Those that NFKC leaves, and that tables of "best fit" read as the ASCII ones. */
const slashes = /[\u2044\u2215\u29f8]/g;
const backslashes = /[\u2216\u29f5\u29f9]/g;

function hasDotPiece(text: string, isSegment: boolean): boolean {
  const pieces = text.split(/[/\\]/);
  if (pieces.length === 1 && !isSegment) return false;
  return pieces.some((piece) => {
    const name = piece.replace(cutOff, '').replace(dropped, '');
    return name === '.' || name === '..';
  });
}

/** Characters that begin a matrix parameter, a query or a fragment, or end a text of C. */
const cutOff = /[;?#\0].*$/s;
const dropped = /[\p{Cc}\p{Cf}\p{Z}]/gu;
