import { isMap, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { UsageError } from '../../terminal/command.errors.js';
import { urlVariable } from '../../workspace/workspace.js';

/**
 * The text of a `bff.yaml` with addresses for upstreams that it does not name yet; every other byte stays as it is.
 * @param file as a person in the workspace would write it, for messages
 * @throws {UsageError} naming file, line and column where the text is no YAML
 */
export function withUpstreams(file: string, text: string, upstreams: readonly string[]): string {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    const { line, col } = counter.linePos(mistake.pos[0]);
    throw new UsageError(`${file}:${line}:${col}: ${mistake.message.split('\n')[0]}`);
  }
  const known = document.get('upstreams', true);
  const missing = upstreams.filter((name) => !(isMap(known) && known.has(name)));
  if (missing.length === 0) return text;
  if (isMap(known) && known.items.length > 0) return withEntries(file, text, known, missing);
  const lines = missing.map((name) => `  ${entry(name)}\n`).join('');
  const bare = /^upstreams:[ \t]*(?:\{[ \t]*\}|null|~)?[ \t]*$\n?/m.exec(text);
  if (bare === null) return `${text.trimEnd()}\n\nupstreams:\n${lines}`;
  return `${text.slice(0, bare.index)}upstreams:\n${lines}${text.slice(bare.index + bare[0].length)}`;
}

const entry = (name: string): string => `${name}: { urls: ['\${${urlVariable(name)}}'] }`;

function withEntries(file: string, text: string, upstreams: YAMLMap, names: readonly string[]): string {
  if (upstreams.flow === true) {
    const at = text.lastIndexOf('}', (upstreams.range?.[1] ?? 0) - 1);
    const before = text.slice(0, at).trimEnd();
    return `${before}${before.endsWith(',') ? '' : ','} ${names.map(entry).join(', ')} ${text.slice(at)}`;
  }
  const [firstKey, lastValue] = [upstreams.items[0]?.key, upstreams.items.at(-1)?.value];
  const range = isRanged(lastValue) ? lastValue.range : undefined;
  if (!isScalar(firstKey) || firstKey.range === null || firstKey.range === undefined || range === undefined)
    throw new UsageError(`${file}: the upstreams cannot be read: add ${names.map(entry).join(', ')} below upstreams`);
  const begin = text.lastIndexOf('\n', firstKey.range[0]) + 1;
  const indent = text.slice(begin, firstKey.range[0]);
  // After the line on which the last value ends, a comment behind it included.
  const lineEnd = text.indexOf('\n', Math.max(range[1] - 1, firstKey.range[0]));
  const end = lineEnd < 0 ? text.length : lineEnd + 1;
  const gap = lineEnd < 0 ? '\n' : '';
  return text.slice(0, end) + gap + names.map((name) => `${indent}${entry(name)}\n`).join('') + text.slice(end);
}

const isRanged = (node: unknown): node is { readonly range: readonly [number, number, number] } =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
