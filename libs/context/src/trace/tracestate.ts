const maxMembers = 32;
/** The length that must be passed on (https://www.w3.org/TR/trace-context/#tracestate-limits). */
const maxLength = 512;
/** Members longer than this are dropped first if the list is too long. */
const longMember = 128;

/**
 * `key` of both levels of the standard: level 2 lets a key begin with a digit. For a key with an `@` the stricter grammar of level 1 holds (one
 * `@`, a tenant of 241 and a system of 14 characters), because a receiver of level 1 drops the whole list otherwise.
 */
const key = /^(?:[a-z0-9][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
/** Printable ASCII without `,` and `=`, not ending in a blank. */
const value = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * The `tracestate` to pass on, of one header or of several (W3C Trace Context level 1 section 3.3, level 2 section 3.3). `undefined` if
 * there is none, or if a part is malformed: more than 32 members, a key twice, a key or a value outside of the grammar. Empty members
 * are left out. In a list beyond 512 characters, members of more than 128 characters are left out first, then the oldest, which stand last.
 */
export function readTracestate(header: string | readonly string[] | undefined): string | undefined {
  const text = stripped(typeof header === 'string' ? header : (header ?? []).join(','));
  if (text === '') return undefined;
  const written = text.split(',');
  const members = written.map(stripped).filter((member) => member !== '');
  if (members.length === 0 || members.length > maxMembers || !areWellFormed(members)) return undefined;
  if (text.length <= maxLength && members.length === written.length) return text;
  return shortened(members);
}

/** Removes the blanks and tabs around a text (OWS of RFC 9110 section 5.6.3). A pattern for the end would take quadratic time. */
function stripped(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text, start)) start++;
  while (end > start && isBlank(text, end - 1)) end--;
  return text.slice(start, end);
}

const isBlank = (text: string, at: number): boolean => text[at] === ' ' || text[at] === '\t';

function areWellFormed(members: readonly string[]): boolean {
  const keys = new Set<string>();
  for (const member of members) {
    const equals = member.indexOf('=');
    const name = member.slice(0, Math.max(0, equals));
    if (!key.test(name) || keys.has(name) || !value.test(member.slice(equals + 1))) return false;
    keys.add(name);
  }
  return true;
}

function shortened(members: readonly string[]): string | undefined {
  let kept = [...members];
  const length = (): number => kept.reduce((sum, member) => sum + member.length + 1, -1);
  for (let i = kept.length - 1; i >= 0 && length() > maxLength; i--)
    if ((kept[i]?.length ?? 0) > longMember) kept = kept.toSpliced(i, 1);
  while (length() > maxLength) kept.pop();
  return kept.length === 0 ? undefined : kept.join(',');
}
