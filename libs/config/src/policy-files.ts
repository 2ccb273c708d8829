import { redact, shownPath } from '@frontage/core';
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import type { BffConfig } from './bff-config.js';
import { ConfigError } from './document/config.errors.js';
import type { MappingNode } from './document/document.js';
import { issueOn } from './schema/explain.js';
import { keptLayers, readLayers } from './layers.js';
import { nodeAt, writtenPath, type Path } from './document/tree.js';
import { fillVariables, variablesIn } from './variables.js';
import { leavesOf } from './document/leaves.js';
import type { Environment } from './environment/environment.js';
import { withDefaults } from './load-config.js';
import { masked } from './describe-config.js';

/** A mistake that shows only when the policy is compared with the app, for example a plan that no screen has. */
export interface PolicyMistake {
  readonly path: Path;
  /** The part that has to change: the key at the path, or its value. */
  readonly want: 'key' | 'value';
  readonly message: string;
}

/** A value of a policy, and the place that it is from. */
export interface PlacedValue {
  /** `upstreams.users.timeout` */
  readonly path: string;
  /** `***` where it may be a secret. */
  readonly value: string;
  /** As the file has it, where it names a variable. */
  readonly written?: string;
  /** `apps/mobile/bff.yaml` */
  readonly file: string;
  readonly line: number;
}

/** The files of a policy, for reports about a position in them. They are read again when they are first needed after the start. */
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

  /**
   * Every value that the files state, as it counts: those of `upstreamDefaults` stand at each upstream that takes them.
   * @param env the values of variables; a line that may hold a secret, and a variable with such a name, is masked
   */
  values(env: Environment): readonly PlacedValue[] {
    const { root } = fillVariables(withDefaults(this.#root), env, { unset: 'placeholder' });
    return leavesOf(root).map(({ path, position, values }) => {
      const written = values.map(({ from, value }) => from ?? String(value)).join(', ');
      const isHidden = [position, ...values.map((value) => value.position)].some(({ source }) => source === undefined);
      const isSecret = isHidden || soundsSecret.test(`${written} ${writtenPath(path)}`);
      const isFromVariable = values.some(({ from }) => from !== undefined);
      return {
        path: writtenPath(path),
        value: isSecret ? masked : redact(values.map(({ value }) => String(value)).join(', ')),
        ...(isFromVariable && !isHidden && { written }),
        file: shownPath(position.file),
        line: position.line,
      };
    });
  }

  get #root(): MappingNode {
    const { file, environment } = this.#config;
    this.#read ??= keptLayers(this.#config) ?? (existsSync(file) ? readLayers(file, environment).root : nowhere(file));
    return this.#read;
  }
}

/** The value of a variable is seen in no file, so that its name, or that of its key, has to say it. */
const soundsSecret =
  /pass|pwd|secret|token(?!Endpoint|Exchange\b)|key\b|keys\b|credential|redis|proxy|authorization|cookie|otlp/i;

/** The position in a policy that was made in memory. */
const nowhere = (file: string): MappingNode => ({
  kind: 'mapping',
  position: { file, line: 1, column: 1, width: 1, source: '' },
  entries: new Map(),
});
