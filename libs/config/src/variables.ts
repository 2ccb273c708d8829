import type { ConfigIssue } from './document/config.errors.js';
import type { ConfigNode, Entry, ScalarNode } from './document/document.js';
import { issueOn } from './schema/explain.js';
import { schemaAt } from './schema/json-schema.js';
import type { Path } from './document/tree.js';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `$${` is a literal `${`; what follows `${` runs to the next `}`. */
const reference = /\$\$\{|\$\{([^}]*)(\}?)/g;
const variable = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;

export interface FillOptions {
  /** `stand_in`: an unset variable gets a value that its place can take. @default refuse */
  readonly unset?: 'refuse' | 'stand_in' | undefined;
}

/** The names of the variables in a text. */
export function variablesIn(template: string): string[] {
  return [...template.matchAll(reference)].flatMap(([, inner]) => variable.exec(inner ?? '')?.[1] ?? []);
}

/**
 * Puts variables in their places: `${NAME}`, and `${NAME:-default}` for what is unset or empty. Nothing else is evaluated, and what
 * a variable holds is not looked at again. Text from a variable becomes a number or a truth value only where the schema wants one.
 */
export function fillVariables(
  root: ConfigNode,
  env: Environment,
  { unset = 'refuse' }: FillOptions = {},
): { root: ConfigNode; issues: ConfigIssue[]; standIns: number } {
  let standIns = 0;
  const issues: ConfigIssue[] = [];
  const fill = (node: ConfigNode, path: Path): ConfigNode => {
    if (node.kind === 'list') return { ...node, items: node.items.map((item, index) => fill(item, [...path, index])) };
    if (node.kind === 'mapping') {
      const entries = new Map<string, Entry>();
      for (const [key, entry] of node.entries) entries.set(key, { ...entry, value: fill(entry.value, [...path, key]) });
      return { ...node, entries };
    }
    if (typeof node.value !== 'string' || !node.value.includes('${')) return node;
    return fillScalar(node, node.value, path);
  };
  const fillScalar = (node: ScalarNode, template: string, path: Path): ScalarNode => {
    const mistakes: string[] = [];
    const text = template.replace(reference, (whole: string, inner: string | undefined, end: string | undefined) => {
      if (inner === undefined) return '${';
      const [, name, fallback] = (end === '}' && variable.exec(inner)) || [];
      if (name === undefined) {
        const rule =
          'write ${NAME} or ${NAME:-default} (nothing else is evaluated), or $${ for the characters themselves';
        mistakes.push(`${JSON.stringify(whole)} is not a variable; ${rule}`);
        return '';
      }
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value !== undefined && (value !== '' || fallback === undefined)) return value;
      if (fallback === undefined && unset === 'stand_in') {
        standIns += 1;
        return standIn(name, template, path);
      }
      if (fallback === undefined)
        mistakes.push(`variable ${name} is not set; set it, or write a default: \${${name}:-...}`);
      return fallback ?? '';
    });
    issues.push(...mistakes.map((mistake) => issueOn(root, path, 'value', mistake)));
    return { ...node, value: mistakes.length > 0 ? null : typed(text, path), from: template };
  };
  const filled = fill(root, []);
  return { root: filled, issues, standIns };
}

/** Something of the kind that the schema wants, which says where it came from wherever its kind allows it. */
function standIn(name: string, template: string, path: Path): string {
  const schema = schemaAt(path);
  const types = new Set([schema?.['type']].flat());
  if (types.has('boolean')) return 'false';
  if (types.has('integer')) return schema?.['minimum'] === 0 ? '0' : '1';
  const protocols = String(schema?.['x-written']).match(/\w+:\/\//g) ?? [];
  if (protocols.length > 0 && template.startsWith('${'))
    return `${protocols.at(-1)}${name.toLowerCase().replaceAll('_', '-')}.unset.invalid`;
  return schema?.['pattern'] === undefined && protocols.length === 0 ? `\${${name}}` : '1';
}

function typed(text: string, path: Path): string | number | boolean {
  const types = new Set([schemaAt(path)?.['type']].flat());
  if ((types.has('integer') || types.has('number')) && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text)) return Number(text);
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
