import { block, bffJsonSchema, membersOf, properties, type SchemaNode } from './json-schema.js';
import { shown } from './values/wording.js';

const preamble = `# Policy: \`bff.yaml\`

Every app has a \`bff.yaml\`; its policy is data in this file. It is read once, at start. With a mistake in it the app does not start,
and the message names file, line, column and the correction.

- **Layers.** \`extends: ../../policy/base.yaml\` extends another file: blocks are merged key by key, lists and values are
  replaced. \`bff.<environment>.yaml\` beside it extends both when that environment runs (\`FRONTAGE_ENV\`, else \`NODE_ENV\`, else
  development). Write \`off\` to switch off a block that a base switches on, where this page allows it.
- **Names** of plans, calls, upstreams, operations and rate classes must be names that the app has: settings for other names would have
  no effect. Settings that an app inherits by \`extends\` may be for other apps.
- **Locks.** A key that a file lists under \`locked\` cannot be changed by the files that extend it. A lock holds for its key and for
  everything below it; \`*\` matches any one name: \`upstreams.*.forwardHeaders\`.
- **Variables.** \`\${NAME}\` is replaced by the environment variable, \`\${NAME:-default}\` by the default where it is unset or empty;
  \`$\${\` is a literal \`\${\`. The app does not start with an unset variable that has no default. Nothing else is evaluated.
  Blanks, line breaks, quotes and byte order marks around a value are removed with a warning, an empty variable counts as not set, and
  the service link that Kubernetes puts into \`NAME_PORT\` is no port: [names.md](names.md) has the rules. No message shows a value. Inside \`{ }\` and \`[ ]\` a variable needs quotes.
- **Durations** are whole numbers with \`ms\`, \`s\`, \`m\` or \`h\`; **sizes** with \`B\`, \`kB\`, \`MB\`, \`GB\` (1000) or \`KiB\`, \`MiB\`, \`GiB\` (1024);
  **shares** are \`10%\` or \`0.1\`.

<!-- Written from libs/config/src/schema/bff.schema.ts by \`node libs/config/dist/write-schema.js\`; do not edit. -->
`;

type ReferenceRow = readonly [key: string, written: string, byDefault: string, meaning: string];

/** `docs/policy.md`: every key with its form, its default and its meaning. */
export function policyReference(): string {
  const top = properties(bffJsonSchema());
  const single = Object.entries(top).filter(([, node]) => rowsOf(node, '').length === 0);
  const blocks = Object.entries(top).filter(([, node]) => rowsOf(node, '').length > 0);
  const sections = blocks.map(([key, node]) => section(key, node));
  return [preamble, `## Single keys\n\n${table(single.map(([key, node]) => row(key, node)))}`, ...sections].join('\n');
}

function section(key: string, node: SchemaNode): string {
  return `## \`${key}\`\n\n${description(node)}\n\n${table(rowsOf(node, ''))}`;
}

/** One row for each value below a block, with its path from the block on. */
function rowsOf(node: SchemaNode, path: string): ReferenceRow[] {
  const inner = block(node);
  const named = Object.entries(properties(inner)).flatMap(([key, child]) =>
    nested(child, path === '' ? key : `${path}.${key}`),
  );
  const members = membersOf(inner);
  if (members === undefined || (isList(inner) && !hasBlock(members))) return named;
  const name = isList(inner) ? `${path}[]` : path === '' ? '<name>' : `${path}.<name>`;
  return [...named, ...nested(members, name)];
}

function nested(node: SchemaNode, path: string): ReferenceRow[] {
  const rows = rowsOf(node, path);
  if (rows.length === 0) return [row(path, node)];
  return description(node) === '' ? rows : [row(path, node), ...rows];
}

function hasBlock(node: SchemaNode): boolean {
  return Object.keys(properties(block(node))).length > 0;
}

function isList(node: SchemaNode): boolean {
  const type = node['type'];
  return Array.isArray(type) ? type.includes('array') : type === 'array';
}

function row(path: string, node: SchemaNode): ReferenceRow {
  const written = node['x-written'];
  const kind = typeof written === 'string' ? written : node['anyOf'] === undefined ? 'block' : 'block or `off`';
  return [`\`${path}\``, kind, defaultOf(node), description(node)];
}

function defaultOf(node: SchemaNode): string {
  const inWords = node['x-default'];
  if (typeof inWords === 'string') return inWords;
  const value = node['default'];
  if (value === undefined) return node['x-required'] === true ? 'must be given' : '';
  return Array.isArray(value) ? `\`[${value.join(', ')}]\`` : `\`${shown(value).replaceAll('"', '')}\``;
}

function description(node: SchemaNode): string {
  const text = block(node)['description'];
  return typeof text === 'string' ? text : '';
}

/** Columns are padded to the same width, so that the source can be read too. */
function table(rows: readonly ReferenceRow[]): string {
  const all = [['key', 'what to write', 'default', 'meaning'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const [head = '', ...body] = all.map((cells) =>
    line(widths.map((width, column) => (cells[column] ?? '').padEnd(width))),
  );
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body, ''].join('\n');
}
