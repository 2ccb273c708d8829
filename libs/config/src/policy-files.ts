import { shownPath } from '@frontage/core';
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import type { BffConfig } from './bff-config.js';
import { ConfigError } from './document/config.errors.js';
import type { MappingNode } from './document/document.js';
import { issueOn } from './schema/explain.js';
import { readLayers } from './layers.js';
import { nodeAt, type Path } from './document/tree.js';
import { variablesIn } from './variables.js';

/** A mistake that shows only when the policy is compared with the app, for example a plan that no screen has. */
export interface PolicyMistake {
  readonly path: Path;
  /** The part that has to change: the key at the path, or its value. */
  readonly want: 'key' | 'value';
  readonly message: string;
}

/** The files of a policy, for reports about a position in them. They are read again when they are first needed. */
export class PolicyFiles {
  readonly #config: BffConfig;
  #read: MappingNode | undefined;

  constructor(config: BffConfig) {
    this.#config = config;
  }

  /** True if the app's own file, or the overlay beside it, holds this path. */
  isOwn(path: Path): boolean {
    const entry = nodeAt(this.#root, path.slice(0, -1));
    const position = entry?.kind === 'mapping' ? entry.entries.get(String(path.at(-1)))?.keyPosition : undefined;
    const { file } = this.#config;
    // `bff.yaml` and `bff.production.yaml`
    return position === undefined || position.file.startsWith(`${file.slice(0, -extname(file).length)}.`);
  }

  /** Names of the variables of a value. */
  variables(path: Path): readonly string[] {
    const node = nodeAt(this.#root, path);
    return node?.kind === 'scalar' && typeof node.value === 'string' ? variablesIn(node.value) : [];
  }

  /** The mistakes, each at its file, line and column. */
  error(mistakes: readonly PolicyMistake[]): ConfigError {
    return new ConfigError(mistakes.map(({ path, want, message }) => issueOn(this.#root, path, want, message)));
  }

  /** `apps/mobile/bff.yaml:12:5`: the position of a value, or of the nearest node above it. */
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

/** The position in a policy that was made in memory. */
const nowhere = (file: string): MappingNode => ({
  kind: 'mapping',
  position: { file, line: 1, column: 1, width: 1, source: '' },
  entries: new Map(),
});
