import { isMap, isPair, isScalar, LineCounter, parseDocument, type Pair, type YAMLMap } from 'yaml';

export interface PolicyEdit {
  /** From the root of the file. */
  readonly path: readonly string[];
  /** As it is written. */
  readonly value: string;
}

/**
 * Sets one key in the text of a `bff.yaml`. Everything else stays as it is, comments and spaces included.
 * @returns the text; undefined where the file has nothing above the key that it could be added to
 */
export function editPolicy(text: string, { path, value }: PolicyEdit): string | undefined {
  const document = parseDocument(text, { lineCounter: new LineCounter() });
  let node: unknown = document.contents;
  for (const [depth, key] of path.entries()) {
    if (!isMap(node)) return undefined;
    const pair = node.items.find((one) => isPair(one) && isScalar(one.key) && one.key.value === key);
    const rest = path.slice(depth + 1);
    if (pair === undefined) return depth < 2 ? undefined : added(text, node, key, rest, value);
    const { value: found } = pair;
    if (rest.length === 0) {
      if (!isScalar(found) || found.range == null) return undefined;
      return text.slice(0, found.range[0]) + value + text.slice(found.range[1]);
    }
    // `hedge: off` becomes a block.
    if (isScalar(found) && found.range != null)
      return text.slice(0, found.range[0]) + flowOf(rest, value) + text.slice(found.range[1]);
    node = found;
  }
  return undefined;
}

/** `{ after: 50ms }` */
const flowOf = (rest: readonly string[], value: string): string =>
  rest.reduceRight((inner, key) => `{ ${key}: ${inner} }`, value);

function added(text: string, map: YAMLMap, key: string, rest: readonly string[], value: string): string | undefined {
  const entry = `${key}: ${flowOf(rest, value)}`;
  const last = map.items.at(-1);
  if (map.range == null) return undefined;
  const [start, end] = map.range;
  if (map.flow === true) {
    const at = last === undefined ? start + 1 : endOf(last);
    if (at === undefined) return undefined;
    return `${text.slice(0, at)}${last === undefined ? ` ${entry} ` : `, ${entry}`}${text.slice(at)}`;
  }
  const [first] = map.items;
  const firstAt = first === undefined ? undefined : startOf(first);
  if (firstAt === undefined) return undefined;
  const indent = firstAt - (text.lastIndexOf('\n', firstAt - 1) + 1);
  // Behind the first member: the end of a block may hold comments on what follows.
  const lineEnd = text.indexOf('\n', isOneLine(text, first) ? firstAt : end);
  const at = lineEnd === -1 ? text.length : lineEnd;
  if (!isOneLine(text, first)) return `${text.slice(0, firstAt)}${entry}\n${' '.repeat(indent)}${text.slice(firstAt)}`;
  return `${text.slice(0, at)}\n${' '.repeat(indent)}${entry}${text.slice(at)}`;
}

const startOf = ({ key }: Pair): number | undefined => (isScalar(key) ? key.range?.[0] : undefined);

function endOf(pair: Pair): number | undefined {
  const { value } = pair;
  if (isScalar(value) || isMap(value)) return value.range?.[1];
  if (typeof value === 'object' && value !== null && 'range' in value && Array.isArray(value.range)) {
    const end: unknown = value.range[1];
    return typeof end === 'number' ? end : undefined;
  }
  return undefined;
}

const isOneLine = (text: string, pair: Pair | undefined): boolean => {
  if (pair === undefined) return false;
  const [from, to] = [startOf(pair), endOf(pair)];
  return from !== undefined && to !== undefined && !text.slice(from, to).includes('\n');
};
