import type { JsonSchema } from '@frontage/core';
import { flatten, isSchema, type Resolve } from '../model/schema-view.js';
import { propertiesOf, takesType } from './typed-reading.js';

/** A member by name, a text, or both under one name. */
interface BracketNode {
  readonly texts: string[];
  readonly members: Map<string, BracketNode>;
}

/**
 * Decodes names with brackets: `a[b][c]=1`, `a[0]=x`, `a[]=x`, and plain `a=x`. The specification does not define more than one level of
 * brackets; forms commonly use this notation.
 * @param pairs decoded
 */
export function decodeDeep(
  name: string,
  pairs: readonly (readonly [name: string, value: string])[],
  schema: JsonSchema,
  resolve: Resolve,
): unknown {
  const root: BracketNode = { texts: [], members: new Map() };
  let isThere = false;
  for (const [key, value] of pairs) {
    if (key !== name && !key.startsWith(`${name}[`)) continue;
    isThere = true;
    const path = [...key.slice(name.length).matchAll(/\[([^\]]*)\]/g)].map(([, member = '']) => member);
    path.reduce(memberOf, root).texts.push(value);
  }
  return isThere ? valueOf(root, schema, resolve) : undefined;
}

function memberOf({ members }: BracketNode, name: string): BracketNode {
  // `a[]=x` adds an item to the list.
  const key = name === '' ? String(members.size) : name;
  const known = members.get(key);
  if (known !== undefined) return known;
  const made: BracketNode = { texts: [], members: new Map() };
  members.set(key, made);
  return made;
}

function valueOf({ texts, members }: BracketNode, schema: JsonSchema, resolve: Resolve): unknown {
  const wantsList = takesType(schema, 'array', resolve);
  if (members.size === 0) return texts.length > 1 || (wantsList && texts[0] !== '') ? texts : texts[0];
  const isCounted = [...members.keys()].every((key, index) => key === String(index));
  const isList = isCounted && (wantsList || !takesType(schema, 'object', resolve));
  const properties = propertiesOf(schema, resolve);
  const { items, additionalProperties } = restOf(schema, resolve);
  const read = [...members].map(([name, member]): [string, unknown] => {
    const own = isList ? items : Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    return [name, valueOf(member, own ?? true, resolve)];
  });
  return isList ? read.map(([, value]) => value) : Object.fromEntries(read);
}

function restOf(
  schema: JsonSchema,
  resolve: Resolve,
  hops = 0,
): { readonly items?: JsonSchema; readonly additionalProperties?: JsonSchema } {
  const { items, additionalProperties, anyOf, oneOf } = flatten(schema, resolve);
  const choices = hops < 8 ? [anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list.filter(isSchema) : [])) : [];
  return Object.assign(
    {},
    ...choices.map((choice) => restOf(choice, resolve, hops + 1)),
    isSchema(items) && { items },
    isSchema(additionalProperties) && { additionalProperties },
  ) as ReturnType<typeof restOf>;
}
