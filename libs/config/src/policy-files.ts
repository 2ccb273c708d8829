import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import type { BffConfig } from './bff-config.js';
import { ConfigError, shownPath } from './document/config.errors.js';
import type { MappingNode } from './document/document.js';
import { issueOn } from './schema/explain.js';
import { readLayers } from './layers.js';
import { nodeAt, type Path } from './document/tree.js';
import { variablesIn } from './variables.js';

/** A mistake that shows only when the policy is held against the app: a plan that no screen has, say. */
export interface PolicyMistake {
  readonly path: Path;
  /** What has to change: the key at the path, or what stands below it. */
  readonly want: 'key' | 'value';
  readonly message: string;
}

/** The files that a policy was read from, for who has something to say about a place in them. They are read again when first asked. */
export class PolicyFiles {
  readonly #config: BffConfig;
  #read: MappingNode | undefined;

  constructor(config: BffConfig) {
    this.#config = config;
  }

  /** Whether the app's own file, or the overlay beside it, says this: what it inherits need not concern it. */
  isOwn(path: Path): boolean {
    const entry = nodeAt(this.#root, path.slice(0, -1));
    const position = entry?.kind === 'mapping' ? entry.entries.get(String(path.at(-1)))?.keyPosition : undefined;
    const { file } = this.#config;
    // `bff.yaml` and `bff.production.yaml`
    return position === undefined || position.file.startsWith(`${file.slice(0, -extname(file).length)}.`);
  }

  /** Names of the variables that a value is made of. */
  variables(path: Path): readonly string[] {
    const node = nodeAt(this.#root, path);
    return node?.kind === 'scalar' && typeof node.value === 'string' ? variablesIn(node.value) : [];
  }

  /** The mistakes, each at its file, line and column. */
  error(mistakes: readonly PolicyMistake[]): ConfigError {
    return new ConfigError(mistakes.map(({ path, want, message }) => issueOn(this.#root, path, want, message)));
  }

  /** `apps/mobile/bff.yaml:12:5`: where a value stands, or what is nearest above it. */
  shownPosition(path: Path): string {
    const { file, line, column } = issueOn(this.#root, path, 'value', '');
    return `${shownPath(file)}:${line}:${column}`;
  }

  get #root(): MappingNode {
    const { file, environment } = this.#config;
    this.#read ??= existsSync(file) ? readLayers(file, environment).root : nowhere(file);
    return this.#read;
  }
}

/** Of a policy that was made in memory. */
const nowhere = (file: string): MappingNode => ({
  kind: 'mapping',
  position: { file, line: 1, column: 1, width: 1, source: '' },
  entries: new Map(),
});
