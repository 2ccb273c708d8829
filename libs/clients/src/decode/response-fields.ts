import type { OperationInfo, ResponseFields, ResponseHeaderSpec } from '@frontage/core';

/** Header fields of a response by lower-case name, as undici and node:http give them. */
type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Characters of one field: a longer one is not read. */
const maxFieldLength = 8_192;

/** The names of the declared headers in lower case, and those of `kept`; absent without any. */
export function fieldNames(
  { headers = [] }: OperationInfo,
  kept?: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
  const names = new Set([...headers.map(({ name }) => name.toLowerCase()), ...(kept ?? [])]);
  return names.size === 0 ? undefined : names;
}

/** Reads the declared headers of a success; absent where the operation declares none. What is not of its type is left out. */
export function compileFields({ headers = [] }: OperationInfo): ((fields: Fields) => ResponseFields) | undefined {
  if (headers.length === 0) return undefined;
  const specs = headers.map((spec) => ({ name: spec.name, key: spec.name.toLowerCase(), read: readerOf(spec) }));
  return (fields) => {
    const found: Record<string, ResponseFields[string]> = {};
    for (const { name, key, read } of specs) {
      const sent = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (sent === undefined) continue;
      // RFC 9110 section 5.3: fields of one name are one list.
      const text = typeof sent === 'string' ? sent : sent.join(', ');
      const value = text.length > maxFieldLength ? undefined : read(text);
      if (value !== undefined) found[name] = value;
    }
    return found;
  };
}

type Scalar = string | number | boolean;
type Read<T> = (text: string) => T | undefined;

function readerOf({ type, list }: ResponseHeaderSpec): Read<Scalar | readonly Scalar[]> {
  const read = scalarReader(type);
  return list === true ? (text) => listOf(text, read) : read;
}

function scalarReader(type: ResponseHeaderSpec['type']): Read<Scalar> {
  switch (type) {
    case undefined:
      return (text) => text;
    case 'boolean':
      return (text) => (text === 'true' ? true : text === 'false' ? false : undefined);
    case 'integer':
      return (text) => numberOf(text, Number.isSafeInteger);
    case 'number':
      return (text) => numberOf(text, Number.isFinite);
  }
}

function numberOf(text: string, isWanted: (value: number) => boolean): number | undefined {
  const value = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  return isWanted(value) ? value : undefined;
}

/** RFC 9110 section 5.6.1.2: empty elements are ignored. A comma within a quoted string separates nothing. */
function listOf(text: string, read: Read<Scalar>): readonly Scalar[] | undefined {
  const values: Scalar[] = [];
  for (const [element] of text.matchAll(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g)) {
    const trimmed = element.trim();
    if (trimmed === '') continue;
    const value = read(trimmed);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}
