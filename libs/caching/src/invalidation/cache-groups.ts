import { parseList } from 'structured-headers';
import { groupMark, type Mark } from './marks.js';

/** Groups of one field. RFC 9875 section 2 asks for 32 at least. */
const mostGroups = 100;
/** Characters of one group. RFC 9875 section 2 asks for 32 at least. */
const longestGroup = 256;
/** Characters of one field: a longer one is not read. */
const longestField = 16_384;

/**
 * The marks of a field `Cache-Groups` or `Cache-Group-Invalidation`: a List of Strings (RFC 9651), whose parameters and order mean nothing (RFC
 * 9875 sections 2 and 3). A field that is no such list is ignored as a whole. `undefined`: it has more than 100 groups, a group of more than 256
 * characters, or more than 16,384 characters.
 */
export function groupMarks(upstream: string, field: string): readonly Mark[] | undefined {
  if (field.length > longestField) return undefined;
  const groups = groupsIn(field);
  if (groups.size > mostGroups) return undefined;
  const marks: Mark[] = [];
  for (const group of groups) {
    if (group.length > longestGroup) return undefined;
    marks.push(groupMark(upstream, group));
  }
  return marks;
}

/** The marks of the fields of several responses; `undefined` where one of them has too many. */
export function marksOfFields(upstream: string, fields: readonly string[]): readonly Mark[] | undefined {
  const marks = fields.map((field) => groupMarks(upstream, field));
  return marks.every((some) => some !== undefined) ? marks.flat() : undefined;
}

const none: ReadonlySet<string> = new Set();

function groupsIn(field: string): ReadonlySet<string> {
  const groups = new Set<string>();
  try {
    for (const [member] of parseList(field)) {
      if (typeof member !== 'string') return none;
      groups.add(member);
    }
  } catch {
    return none;
  }
  return groups;
}
