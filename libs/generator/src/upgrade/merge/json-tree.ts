import { applyEdits, findNodeAtLocation, modify, parse, parseTree, type ParseError } from 'jsonc-parser';
import type { MemberPath, ValueEdit } from './merge-values.js';

const formattingOptions = { insertSpaces: true, tabSize: 2, eol: '\n' };
const options = { allowTrailingComma: true };

/** The data of a JSON text, comments allowed; undefined where it is none. */
export function jsonValue(text: string): { readonly value: unknown } | undefined {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, options);
  return errors.length > 0 ? undefined : { value };
}

/** The text with other values of members; every other byte, comments included, stays. A new member stands where the template has it. */
export function editedJson(text: string, edits: readonly ValueEdit[], template: unknown): string {
  return edits.reduce((edited, { path, value }) => {
    const order = namesAt(template, path.slice(0, -1));
    return applyEdits(
      edited,
      modify(edited, [...path], value, {
        formattingOptions,
        getInsertionIndex: (present) => insertionIndex(present, path.at(-1) ?? '', order),
      }),
    );
  }, text);
}

/** In the alphabet where the others are, else behind the one that it follows in the template. */
export function insertionIndex(present: readonly string[], name: string, order: readonly string[]): number {
  const isSorted =
    present.length > 1 && present.every((each, index) => index === 0 || (present[index - 1] ?? '') < each);
  if (isSorted) {
    const next = present.findIndex((each) => each > name);
    return next === -1 ? present.length : next;
  }
  const before = order.slice(0, order.indexOf(name)).findLast((each) => present.includes(each));
  if (before !== undefined) return present.indexOf(before) + 1;
  return order[0] === name ? 0 : present.length;
}

/** The names of the members of an object. */
function namesAt(value: unknown, path: MemberPath): readonly string[] {
  const node = parseTree(JSON.stringify(value ?? null));
  const found = node && findNodeAtLocation(node, [...path]);
  return (found?.children ?? []).flatMap(({ children = [] }) => {
    const name: unknown = children[0]?.value;
    return typeof name === 'string' ? [name] : [];
  });
}
