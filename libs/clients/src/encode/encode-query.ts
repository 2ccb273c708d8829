import type { CallArgs, OperationInfo } from '@frontage/core';
import { EncodeError, inParameter, membersOf, percentEncode, textOf, type EncodeText } from './encode-value.js';

/** Deeper than any contract, and shallow enough that a value that holds itself ends here and not the stack. */
export const deepestObject = 32;

/** Writes what stands within the value of an exploded `form` parameter; `''` where there is nothing to send. */
export interface WriteNested {
  /** An object or a list that is an item of the parameter. */
  readonly item: (index: number, value: object) => string;
  /** An object or a list that is a member of the parameter, whose members are parameters of their own. */
  readonly member: (name: string, value: object) => string;
}

/**
 * OpenAPI leaves open how objects and lists within an exploded `form` parameter are written. They are written as the binders of Spring and
 * ASP.NET Core read them: the name of a list is repeated (`sort=a&sort=b`), a member stands behind a dot (`range.from=1`), and the items of
 * a list of objects are numbered (`lines[0].sku=a`).
 * @param name of the parameter, percent-encoded
 */
export function nestedIn(name: string, encode: EncodeText): WriteNested {
  const write = (path: string, value: unknown, depth: number): string => {
    if (typeof value !== 'object' || value === null) return `${path}=${encode(textOf(value))}`;
    if (depth > deepestObject) throw new EncodeError(`is deeper than ${deepestObject} objects`);
    if (!Array.isArray(value)) {
      return joined(
        membersOf(value).map(([member, inner]) => write(`${path}.${percentEncode(plain(member))}`, inner, depth + 1)),
      );
    }
    const present = value.map((item: unknown, index) => [index, item] as const);
    return joined(
      present.map(([index, item]) => {
        if (item === undefined || item === null) return '';
        return write(typeof item === 'object' ? `${path}%5B${index}%5D` : path, item, depth + 1);
      }),
    );
  };
  return {
    item: (index, value) => write(`${name}%5B${index}%5D`, value, 2),
    member: (member, value) => write(percentEncode(plain(member)), value, 2),
  };
}

/** A dot or a bracket within a name would read as one more level. */
function plain(name: string): string {
  if (/[.[\]]/.test(name)) throw new EncodeError(`holds a member "${name}" with a dot or a bracket`);
  return name;
}

const joined = (pieces: readonly string[]): string => pieces.filter((piece) => piece !== '').join('&');

/** Parameters without a declaration in one request at most. */
const mostUndeclared = 100;

/**
 * Writes the parameters of `rest` behind a target: those that the contract does not declare, as they are. A declared one is left out, because
 * only its own argument may set it.
 * @param secrets names that policy sets, whatever the contract says of them
 * @throws EncodeError for more than 100 of them, or for a value that is neither text nor a list of text
 */
export function withRest(
  target: (args: CallArgs) => string,
  { path, parameters = [] }: OperationInfo,
  secrets: ReadonlySet<string> = new Set(),
): (args: CallArgs) => string {
  const fixed = new URLSearchParams(/\?([^#]*)/.exec(path)?.[1] ?? '').keys();
  const taken = new Set([
    ...secrets,
    ...fixed,
    ...parameters.flatMap((spec) => (spec.in === 'query' ? [spec.name] : [])),
  ]);
  const isTaken = (name: string): boolean => taken.has(name) || taken.has(/^[^.[]*/.exec(name)?.[0] ?? name);
  return (args) => {
    const rest: unknown = args.rest;
    if (typeof rest !== 'object' || rest === null) return target(args);
    const pieces = membersOf(rest).flatMap(([name, value]) => {
      if (isTaken(name)) return [];
      const before = `${percentEncode(name)}=`;
      const values: readonly unknown[] = Array.isArray(value) ? value : [value];
      return values.map((one) => inParameter(`query parameter "${name}"`, () => before + percentEncode(textOf(one))));
    });
    if (pieces.length === 0) return target(args);
    if (pieces.length > mostUndeclared)
      throw new EncodeError(`rest has ${pieces.length} values, where ${mostUndeclared} at most are passed on`);
    const written = target(args);
    return `${written}${written.includes('?') ? '&' : '?'}${pieces.join('&')}`;
  };
}
