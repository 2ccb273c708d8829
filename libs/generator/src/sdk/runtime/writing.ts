import type { Fields, Operation } from './types.js';

/** The members of an object that are there. */
const present = (group: unknown): [name: string, value: unknown][] =>
  Object.entries(group ?? {}).filter(([, value]) => value !== undefined);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const encoded = (value: unknown): string => encodeURIComponent(textOf(value));

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Names and values in turn, as OpenAPI writes an object within one value. */
const flat = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && !Array.isArray(value) ? present(value).flat() : listOf(value);

export const fieldsOf = (header: unknown): Fields =>
  Object.fromEntries(present(header).map(([name, value]) => [name, flat(value).map(textOf).join(',')]));

export function pathOf(path: string, values: unknown): string {
  const known = new Map(present(values));
  return path.replace(/\{([^}]+)\}/g, (_, name: string) => flat(known.get(name)).map(encoded).join(','));
}

export function queryOf(styles: Operation['styles'], query: unknown): string {
  const pairs = present(query).flatMap(([name, value]): string[] => {
    const style = styles?.[name];
    const pair = (own: string, of: unknown): string => `${encodeURIComponent(own)}=${encoded(of)}`;
    if (style === 'json') return [pair(name, JSON.stringify(value))];
    if (style === 'deep')
      return present(value).flatMap(([key, one]) => listOf(one).map((of) => pair(`${name}[${key}]`, of)));
    const delimiter = style && { comma: ',', space: '%20', pipe: '%7C' }[style];
    if (delimiter !== undefined) return [`${encodeURIComponent(name)}=${flat(value).map(encoded).join(delimiter)}`];
    if (typeof value === 'object' && !Array.isArray(value)) return present(value).map(([key, one]) => pair(key, one));
    return listOf(value).map((one) => pair(name, one));
  });
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

export type Body = string | FormData | Blob;

export function bodyOf(
  { body: kind, media }: Operation,
  value: unknown,
): [body: Body | undefined, media: string | undefined] {
  if (value === undefined) return [undefined, undefined];
  // The platform writes the media type of a form with files, because it has the boundary.
  if (kind === 'multipart') return [formOf(value), undefined];
  if (kind === 'form') return [queryOf(undefined, value).slice(1), 'application/x-www-form-urlencoded'];
  return [kind === 'raw' ? (value as Body) : JSON.stringify(value), media ?? 'application/json'];
}

const isFile = (value: unknown): value is Blob =>
  // React Native names a file by its `uri`.
  typeof value === 'object' && value !== null && ('arrayBuffer' in value || 'uri' in value);

function formOf(value: unknown): FormData {
  const form = new FormData();
  for (const [name, member] of present(value)) {
    for (const one of listOf(member)) form.append(name, isFile(one) ? one : textOf(one));
  }
  return form;
}
