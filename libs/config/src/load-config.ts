import { resolve } from 'node:path';
import type { BffConfig } from './bff-config.js';
import { bffSchema } from './schema/bff.schema.js';
import { impossibleCombinations } from './combinations.js';
import { ConfigError, type ConfigIssue } from './document/config.errors.js';
import type { MappingEntry, MappingNode } from './document/document.js';
import { explain } from './schema/explain.js';
import { keepLayers, readLayers } from './layers.js';
import { toConfig } from './to-config.js';
import { merge, nodeAt, toPlain, without } from './document/tree.js';
import { readVariable, type Environment } from './environment/environment.js';
import { unusedProxies } from './environment/unused-proxies.js';
import { fillVariables } from './variables.js';

export interface LoadOptions {
  /** Values of `${VARIABLE}`s: `process.env` of an app, a plain record in a test. */
  readonly env: Environment;
  /** @default `FRONTAGE_ENV` of `env`, else `NODE_ENV`, else development */
  readonly environment?: string;
  /**
   * Handling of a variable that is not set and has no default: the policy is refused, or, to describe an app without calling
   * anything, a placeholder of the right kind is its value. @default refuse
   */
  readonly unset?: 'refuse' | 'placeholder';
  /** Receives warnings, for example of a variable that ends with a line break. @default warnings are dropped */
  readonly warn?: (warning: ConfigIssue) => void;
}

/**
 * Reads `bff.yaml`, what it extends and the overlay of the environment; fills in variables and defaults. Called once, at start.
 *
 * @throws ConfigError with every mistake at its file, line and column
 */
export function loadConfig(file: string, options: LoadOptions): BffConfig {
  const path = resolve(file);
  const warnings: ConfigIssue[] = [];
  const environment = options.environment ?? environmentName(path, options.env, warnings);
  if (!/^[a-z][a-z0-9-]*$/.test(environment)) {
    const message = `expected an environment name of lower case letters, digits and dashes${options.environment === undefined ? ' in FRONTAGE_ENV or NODE_ENV' : ''}`;
    throw new ConfigError([{ file: path, line: 1, column: 1, message }]);
  }
  const { root: layered, issues: refused } = readLayers(path, environment);
  const filled = fillVariables(withDefaults(layered), options.env, { unset: options.unset });
  const { root, issues: unset } = filled;
  for (const warning of inOrder([...warnings, ...filled.warnings])) options.warn?.(warning);
  const parsed = bffSchema.safeParse(toPlain(root));
  if (!parsed.success || unset.length > 0 || refused.length > 0) {
    // A value that is missing because its variable is not set is no second mistake.
    const known = new Set(unset.map(positionOf));
    const wrong = explain(parsed.error?.issues ?? [], root).filter((issue) => !known.has(positionOf(issue)));
    throw new ConfigError(inOrder([...refused, ...unset, ...wrong]));
  }
  for (const warning of unusedProxies(root, options.env)) options.warn?.(warning);
  const config = toConfig(parsed.data, path, environment);
  keepLayers(config, layered);
  // Placeholders may contradict each other.
  if (filled.placeholders > 0) return config;
  const impossible = impossibleCombinations(config, parsed.data, layered);
  if (impossible.length > 0) throw new ConfigError(inOrder(impossible));
  return config;
}

function environmentName(file: string, env: Environment, warnings: ConfigIssue[]): string {
  for (const name of ['FRONTAGE_ENV', 'NODE_ENV']) {
    const { value, mistake, warnings: said } = readVariable(env, name);
    warnings.push(...said.map((message) => ({ file, line: 1, column: 1, message })));
    if (mistake !== undefined) throw new ConfigError([{ file, line: 1, column: 1, message: mistake }]);
    if (value !== undefined) return value;
  }
  return 'development';
}

/** The policy with the defaults of blocks where they count; each value keeps the position that it is from. */
export const withDefaults = (root: MappingNode): MappingNode => withIssuers(withUpstreamDefaults(root));

const issuerKeys = ['issuer', 'audience', 'jwks'];

/**
 * Merges `access.jwt` below each of `access.issuers`. Where it names no issuer itself and others do, or callers are identified in another
 * way, it holds nothing but such defaults, and is no issuer of its own.
 */
function withIssuers(root: MappingNode): MappingNode {
  const access = root.entries.get('access');
  if (access?.value.kind !== 'mapping') return root;
  const { entries } = access.value;
  const jwt = entries.get('jwt');
  const issuers = entries.get('issuers');
  if (jwt?.value.kind !== 'mapping') return root;
  const defaults = without(jwt.value, ...issuerKeys, 'subjectPrefix');
  const isComplete = issuerKeys.some((key) => nodeAt(jwt.value, [key]) !== undefined);
  const others = [...entries.keys()].filter((key) => !['jwt', 'tokenHeaders', 'dpop'].includes(key));
  const filled = new Map(entries);
  if (!isComplete && others.length > 0) filled.delete('jwt');
  if (issuers?.value.kind === 'mapping') {
    const merged = new Map<string, MappingEntry>();
    for (const [name, entry] of issuers.value.entries)
      merged.set(name, {
        ...entry,
        value: entry.value.kind === 'mapping' ? merge(defaults, entry.value) : entry.value,
      });
    filled.set('issuers', { ...issuers, value: { ...issuers.value, entries: merged } });
  }
  const entry: MappingEntry = { ...access, value: { ...access.value, entries: filled } };
  return { ...root, entries: new Map([...root.entries, ['access', entry]]) };
}

/** Merges `upstreamDefaults` below each upstream. The block stays as well, so that it is checked even where no upstream uses it. */
function withUpstreamDefaults(root: MappingNode): MappingNode {
  const defaults = nodeAt(root, ['upstreamDefaults']);
  const upstreams = root.entries.get('upstreams');
  if (defaults?.kind !== 'mapping' || upstreams?.value.kind !== 'mapping') return root;
  const filled = new Map<string, MappingEntry>();
  for (const [name, entry] of upstreams.value.entries) {
    const value = entry.value.kind === 'mapping' ? merge(defaults, entry.value) : entry.value;
    filled.set(name, { ...entry, value });
  }
  const entry: MappingEntry = { ...upstreams, value: { ...upstreams.value, entries: filled } };
  return { ...root, entries: new Map([...root.entries, ['upstreams', entry]]) };
}

/** Sorts by file, then from top to bottom. A mistake in defaults that several upstreams share is reported once. */
function inOrder(issues: readonly ConfigIssue[]): ConfigIssue[] {
  const unique = new Map(issues.map((issue) => [`${positionOf(issue)} ${issue.message}`, issue]));
  return [...unique.values()].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
}

function positionOf({ file, line, column }: ConfigIssue): string {
  return `${file}:${line}:${column}`;
}
