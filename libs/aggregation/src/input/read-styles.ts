import type { ParameterSpec } from '@frontage/core';

/** The values that the schema of a parameter takes beside text. */
export interface TextKinds {
  readonly isList: boolean;
  readonly isObject: boolean;
}

/**
 * Compiles how the text of one parameter becomes a list or an object of texts: OpenAPI 3.1 section 4.8.12.3, after RFC 6570. Text that is
 * not in the style of the contract stays as it is, and the check of the schema names it.
 * @returns undefined where the text is the value
 */
export function compileSplit(spec: ParameterSpec, kinds: TextKinds): ((text: string) => unknown) | undefined {
  const { in: place, name } = spec;
  const style = spec.style ?? (place === 'query' ? 'form' : 'simple');
  const isExploded = spec.explode ?? style === 'form';
  const isHeader = place === 'header';
  // Exploded parameters of a query come as several parameters.
  if (place === 'query' && isExploded) return undefined;
  const isText = !kinds.isList && !kinds.isObject;
  if (isText && style !== 'label' && style !== 'matrix') return undefined;
  switch (style) {
    case 'label':
      return compileParts(kinds, { before: '.', separator: isExploded ? '.' : ',', isExploded, isHeader });
    case 'matrix':
      return compileMatrix(name, kinds, isExploded);
    case 'spaceDelimited':
      return compileParts(kinds, { before: '', separator: ' ', isExploded, isHeader });
    case 'pipeDelimited':
      return compileParts(kinds, { before: '', separator: '|', isExploded, isHeader });
    default:
      return compileParts(kinds, { before: '', separator: ',', isExploded, isHeader });
  }
}

interface Layout {
  /** Stands before the first item, and before a single value. */
  readonly before: string;
  readonly separator: string;
  /** Members of an object are `name=value`; otherwise every second item is a name. */
  readonly isExploded: boolean;
  /** Spaces around the commas of a header belong to no item (RFC 9110 section 5.6.1). */
  readonly isHeader: boolean;
}

function compileParts(
  { isList, isObject }: TextKinds,
  { before, separator, isExploded, isHeader }: Layout,
): (text: string) => unknown {
  return (text) => {
    if (!text.startsWith(before)) return text;
    const value = text.slice(before.length);
    if (value === '' || (!isList && !isObject)) return value;
    const divided = value.split(separator);
    const parts = isHeader ? divided.map((part) => part.trim()) : divided;
    const pairs = isObject ? (isExploded ? namedPairs(parts) : alternatingPairs(parts)) : undefined;
    if (pairs !== undefined) return Object.fromEntries(pairs);
    return isList ? parts : value;
  };
}

/** `;color=blue;color=red` for an exploded list, `;R=1;G=2` for an exploded object; `;color` for an empty text. */
function compileMatrix(name: string, kinds: TextKinds, isExploded: boolean): (text: string) => unknown {
  const before = `;${name}=`;
  const plain = compileParts(kinds, { before, separator: isExploded ? before : ',', isExploded, isHeader: false });
  return (text) => {
    if (text === `;${name}`) return '';
    const isObject = isExploded && kinds.isObject && text.startsWith(';') && !(kinds.isList && text.startsWith(before));
    const pairs = isObject ? namedPairs(text.slice(1).split(';')) : undefined;
    return pairs === undefined ? plain(text) : Object.fromEntries(pairs);
  };
}

type Pairs = readonly (readonly [name: string, value: string])[];

/** Undefined where a part has no name. */
function namedPairs(parts: readonly string[]): Pairs | undefined {
  const pairs = parts.map((part) => {
    const at = part.indexOf('=');
    return [part.slice(0, Math.max(at, 0)), part.slice(at + 1)] as const;
  });
  return pairs.every(([name]) => name !== '') ? pairs : undefined;
}

/** Undefined where a name has no value. */
function alternatingPairs(parts: readonly string[]): Pairs | undefined {
  if (parts.length % 2 !== 0) return undefined;
  return parts.flatMap((name, index) => (index % 2 === 0 ? [[name, parts[index + 1] ?? ''] as const] : []));
}
