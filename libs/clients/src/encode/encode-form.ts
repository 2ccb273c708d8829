import { mediaKind, type ParameterSpec, type PropertyEncoding } from '@frontage/core';
import { jsonOf } from './encode-json.js';
import { compileStyle, type EncodeValue } from './encode-style.js';
import { EncodeError, kindOf, membersOf, percentEncode, textOf } from './encode-value.js';

/** @throws EncodeError where the body is no object */
export function membersOfForm(body: unknown): [name: string, member: unknown][] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new EncodeError(`the body is ${kindOf(body)} where an object is taken`);
  }
  return membersOf(body);
}

/**
 * Compiles `application/x-www-form-urlencoded`. Spaces are `%20`, which every decoder reads. A property without an encoding of its own
 * repeats its name for the items of a list, and an object travels as JSON (OpenAPI 3.1 section 4.8.15.1).
 * @throws Error at boot for a style that a form does not have
 */
export function compileForm(encoding: readonly PropertyEncoding[]): (body: unknown) => string {
  const writers = new Map<string, EncodeValue>();
  for (const spec of encoding) {
    const others = encoding.flatMap(({ name }) => (name === spec.name ? [] : [name]));
    const writer = compileProperty(spec, new Set(others));
    if (writer !== undefined) writers.set(spec.name, writer);
  }
  return (body) => {
    let form = '';
    for (const [name, member] of membersOfForm(body)) {
      const write = writers.get(name);
      const written = write === undefined ? writePlain(name, member) : inProperty(name, () => write(member));
      if (written !== '') form += form === '' ? written : `&${written}`;
    }
    return form;
  };
}

function compileProperty(spec: PropertyEncoding, taken: ReadonlySet<string>): EncodeValue | undefined {
  const { name, contentType, style, explode, allowReserved } = spec;
  if (style === undefined && explode === undefined && allowReserved === undefined) {
    const isJson = contentType !== undefined && mediaKind(contentType) === 'json';
    return isJson ? (value) => `${percentEncode(name)}=${percentEncode(jsonOf(value))}` : undefined;
  }
  const parameter: ParameterSpec = {
    name,
    in: 'query',
    style: style ?? 'form',
    ...(explode === undefined ? undefined : { explode }),
    ...(allowReserved === true ? { allowReserved } : undefined),
  };
  return compileStyle(parameter, taken);
}

function writePlain(name: string, member: unknown): string {
  const before = `${percentEncode(name)}=`;
  return inProperty(name, () =>
    (Array.isArray(member) ? member : [member])
      .filter((item) => item !== undefined && item !== null)
      .map((item) => before + percentEncode(typeof item === 'object' ? jsonOf(item) : textOf(item)))
      .join('&'),
  );
}

/** Says in which property the value stands that cannot be written. */
export function inProperty<T>(name: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof EncodeError) throw new EncodeError(`property "${name}" of the body ${error.message}`);
    throw error;
  }
}
