import { isDeepStrictEqual } from 'node:util';
import { diff3Merge } from 'node-diff3';
import { higherRange } from './version-ranges.js';

/** The way to a member: names of objects. A list is changed as a whole. */
export type MemberPath = readonly string[];

/** A change of one member. */
export interface ValueEdit {
  readonly path: MemberPath;
  /** Undefined: the member goes. */
  readonly value: unknown;
}

/** A member that both sides have changed, in different ways. */
export interface ValueConflict {
  readonly path: MemberPath;
  readonly before: unknown;
  readonly now: unknown;
}

export interface MergedValues {
  /** The changes of the template, to be made in the team's file. */
  readonly edits: readonly ValueEdit[];
  readonly conflicts: readonly ValueConflict[];
}

/**
 * Merges data by key. A member that the team has deleted stays deleted, and items that both sides have added to a list are both in it.
 * Of two ranges of one package the higher one is taken.
 */
export function mergeValues(yours: unknown, before: unknown, now: unknown): MergedValues {
  const edits: ValueEdit[] = [];
  const conflicts: ValueConflict[] = [];
  const walk = (path: MemberPath, mine: unknown, base: unknown, theirs: unknown): void => {
    if (isDeepStrictEqual(base, theirs) || isDeepStrictEqual(mine, theirs)) return;
    const isUnchanged = isDeepStrictEqual(mine, base);
    if (isObject(mine) && isObject(theirs) && (isObject(base) || base === undefined || isUnchanged)) {
      const known = isObject(base) ? base : {};
      for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)]))
        walk([...path, name], own(mine, name), own(known, name), own(theirs, name));
    } else if (isUnchanged) edits.push({ path, value: theirs });
    else if (mine === undefined && base !== undefined) return;
    else {
      const merged = mergedList(mine, base, theirs) ?? higherRange(path, mine, theirs);
      if (merged === undefined) conflicts.push({ path, before: base, now: theirs });
      else if (!isDeepStrictEqual(merged, mine)) edits.push({ path, value: merged });
    }
  };
  walk([], yours, before, now);
  return { edits, conflicts };
}

/** The data after the edits. */
export function editedValue(value: unknown, edits: readonly ValueEdit[]): unknown {
  let result = value;
  for (const { path, value: next } of edits) result = withMember(result, path, next);
  return result;
}

function withMember(value: unknown, [name, ...rest]: MemberPath, next: unknown): unknown {
  if (name === undefined) return next;
  const members = isObject(value) ? value : {};
  const member = withMember(own(members, name), rest, next);
  const others = Object.entries(members).filter(([each]) => each !== name);
  return Object.fromEntries(member === undefined ? others : [...others, [name, member]]);
}

/** Undefined where both sides have changed the same items. */
function mergedList(mine: unknown, base: unknown, theirs: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(mine) || !Array.isArray(theirs) || (base !== undefined && !Array.isArray(base))) return undefined;
  const texts = (items: readonly unknown[]): string[] => items.map((item) => JSON.stringify(item));
  const merged: string[] = [];
  for (const { ok, conflict } of diff3Merge(texts(mine), texts(base ?? []), texts(theirs), {
    excludeFalseConflicts: true,
  })) {
    if (ok !== undefined) merged.push(...ok);
    if (conflict === undefined) continue;
    // An item that one side took out while the other added its own is a change of the same place.
    if (conflict.o.length > 0) return undefined;
    merged.push(...conflict.a, ...conflict.b.filter((item) => !conflict.a.includes(item)));
  }
  return merged.map((text): unknown => JSON.parse(text));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (object: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;
