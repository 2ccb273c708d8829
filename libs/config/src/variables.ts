import type { ConfigIssue } from './document/config.errors.js';
import type { ConfigNode, MappingEntry, ScalarNode } from './document/document.js';
import { readVariable, type Environment, type ReadVariable } from './environment/environment.js';
import { issueOn } from './schema/explain.js';
import { memberSchemaAt, schemaAt } from './schema/json-schema.js';
import type { Path } from './document/tree.js';

/** `$${` is a literal `${`; a reference runs from `${` to the next `}`. */
const reference = /\$\$\{|\$\{([^}]*)(\}?)/g;
const variable = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;

export interface FillOptions {
  /** `placeholder`: an unset variable gets a value that its key can take. @default refuse */
  readonly unset?: 'refuse' | 'placeholder' | undefined;
}

export interface FilledVariables {
  readonly root: ConfigNode;
  readonly issues: readonly ConfigIssue[];
  /** Warnings about changed values and ignored variables: they do not stop the start. */
  readonly warnings: readonly ConfigIssue[];
  readonly placeholders: number;
}

/** The names of the variables in a text. */
export function variablesIn(template: string): string[] {
  return [...template.matchAll(reference)].flatMap(([, inner]) => variable.exec(inner ?? '')?.[1] ?? []);
}

/**
 * Replaces `${NAME}`, and `${NAME:-default}` where the variable is unset or empty. Nothing else is evaluated, and the value of a
 * variable is not expanded again. Text from a variable becomes a number or a truth value only where the schema wants one.
 */
export function fillVariables(
  root: ConfigNode,
  env: Environment,
  { unset = 'refuse' }: FillOptions = {},
): FilledVariables {
  let placeholders = 0;
  const issues: ConfigIssue[] = [];
  const warnings: ConfigIssue[] = [];
  // A name may appear a hundred times, and the environment does not change meanwhile.
  const known = new Map<string, ReadVariable>();
  const readOnce = (name: string): ReadVariable => {
    const read = known.get(name) ?? readVariable(env, name);
    known.set(name, read);
    return read;
  };
  const fill = (node: ConfigNode, path: Path): ConfigNode => {
    if (node.kind === 'list') return { ...node, items: node.items.map((item, index) => fill(item, [...path, index])) };
    if (node.kind === 'mapping') {
      const entries = new Map<string, MappingEntry>();
      for (const [key, entry] of node.entries) entries.set(key, { ...entry, value: fill(entry.value, [...path, key]) });
      return { ...node, entries };
    }
    if (typeof node.value !== 'string' || !node.value.includes('${')) return node;
    return fillScalar(node, node.value, path);
  };
  const fillScalar = (node: ScalarNode, template: string, path: Path): ScalarNode => {
    const mistakes: string[] = [];
    const warn = (message: string): void => {
      warnings.push(issueOn(root, path, 'value', message));
    };
    const text = template.replace(
      reference,
      (whole: string, inner: string | undefined, end: string | undefined, at: number) => {
        if (inner === undefined) return '${';
        const [, name, fallback] = (end === '}' && variable.exec(inner)) || [];
        if (name === undefined) {
          const rule =
            'write ${NAME} or ${NAME:-default} (nothing else is evaluated), or $${ for the characters themselves';
          mistakes.push(`${JSON.stringify(whole)} is not a variable; ${rule}`);
          return '';
        }
        const read = readOnce(name);
        for (const warning of read.warnings) warn(warning);
        if (read.mistake !== undefined) mistakes.push(read.mistake);
        if (read.value !== undefined || read.mistake !== undefined) return read.value ?? '';
        if (fallback !== undefined) {
          if (read.unsetBecause !== undefined)
            warn(`variable ${name} is not used: ${read.unsetBecause}; the default is taken`);
          return fallback;
        }
        if (unset === 'placeholder') {
          placeholders += 1;
          return placeholder(name, template, at, path);
        }
        mistakes.push(`variable ${name} is not set${unsetReason(name, read.unsetBecause)}`);
        return '';
      },
    );
    issues.push(...mistakes.map((mistake) => issueOn(root, path, 'value', mistake)));
    return { ...node, value: mistakes.length > 0 ? null : typed(text, path), from: template };
  };
  const filled = fill(root, []);
  return { root: filled, issues, warnings, placeholders };
}

function unsetReason(name: string, because: string | undefined): string {
  const write = `set it, or write a default: \${${name}:-...}`;
  if (because === undefined) return `; ${write}`;
  const links = because.includes('service link')
    ? 'switch such links off with "enableServiceLinks: false" in the pod, give the value in a variable of another name'
    : 'set it';
  return ` (${because}); ${links}, or write a default: \${${name}:-...}`;
}

/** A placeholder of the kind that the schema wants, with the name of the variable where its kind allows it. */
function placeholder(name: string, template: string, at: number, path: Path): string {
  const schema = schemaAt(path);
  const types = new Set([schema?.['type']].flat());
  if (types.has('boolean')) return 'false';
  if (types.has('integer')) return schema?.['minimum'] === 0 ? '0' : '1';
  const protocols = String(schema?.['x-written']).match(/\w+:\/\//g) ?? [];
  if (protocols.length > 0) {
    const [before, after] = [template.slice(0, at), template.slice(template.indexOf('}', at) + 1)];
    const protocol = protocols.at(-1) ?? '';
    if (before === '' && after.startsWith('://')) return protocol.slice(0, -3);
    if (before === '') return `${protocol}${hostLabel(name)}.unset.invalid`;
    // A host where the URL allows one; else a port, a part of a path or of a password.
    return /(?:\/\/|[@.\w}-])$/.test(before) ? 'unset' : '1';
  }
  return schema?.['pattern'] === undefined ? `\${${name}}` : '1';
}

function hostLabel(name: string): string {
  const label = name.toLowerCase().replaceAll('_', '-').replaceAll(/^-+/g, '').slice(0, 60).replaceAll(/-+$/g, '');
  return label === '' ? 'variable' : label;
}

function typed(text: string, path: Path): string | number | boolean {
  const types = new Set([memberSchemaAt(path)?.['type']].flat());
  if ((types.has('integer') || types.has('number')) && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text)) return Number(text);
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
