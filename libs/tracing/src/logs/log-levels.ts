import type { Clock } from '@frontage/core';
import type { Caller } from '@frontage/context';
import type { LogOptions } from '../options/tracing.options.js';
import type { CallerHash } from './caller-hash.js';

/** A level of a line. */
export type LineLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';
/** The least level that is written. */
export type LeastLevel = NonNullable<LogOptions['level']>;

/** The lines that a change of level is about, one of them: those of a route, of a caller, or of a logger. */
export interface LevelTarget {
  /** `GET /orders/:id` */
  readonly route?: string;
  /** As log lines name the caller, or its subject. */
  readonly caller?: string;
  /** The name of a logger of the app's own code. */
  readonly logger?: string;
}

/** A level that holds for a time in place of that of policy. */
export interface ChangedLevel extends LevelTarget {
  readonly level: LeastLevel;
  /** Time that is left, in milliseconds. */
  readonly forMs: number;
}

/** Facts about a line. */
export interface LineFacts {
  readonly method: string;
  readonly route: string;
  readonly caller: Caller | undefined;
}

interface Change extends LevelTarget {
  readonly level: LeastLevel;
  readonly until: number;
}

const ranks = { debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: 100 } as const;

/** In order: each writes what those behind it write. */
export const leastLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const satisfies readonly LeastLevel[];

/** Changes that hold at once; an operator who wants more asks for another level of all. */
export const maxChangedLevels = 50;

/**
 * The level of each line: that of policy, or one that an operator gave to a route, a caller or a logger for a time. Of several that fit a line,
 * that of its caller counts, then that of its route, then that of its logger. Without a change, a line costs one comparison.
 */
export class LogLevels {
  readonly #policy: LeastLevel;
  readonly #hash: CallerHash;
  readonly #clock: Clock;
  readonly #changes = new Map<string, Change>();

  constructor(policy: LeastLevel, hash: CallerHash, clock: Clock) {
    this.#policy = policy;
    this.#hash = hash;
    this.#clock = clock;
  }

  /** @param logger of the app's own code; absent for the line of a request */
  takes(level: LineLevel, facts: LineFacts | undefined, logger?: string): boolean {
    return ranks[level] >= ranks[this.#changes.size === 0 ? this.#policy : this.#levelOf(facts, logger)];
  }

  /**
   * Gives the lines of a target a level for a time; an earlier change of the same target ends.
   * @returns false where {@link maxChangedLevels} hold already
   */
  change(target: LevelTarget, level: LeastLevel, forMs: number): boolean {
    const key = keyOf(target);
    this.#dropExpired();
    if (!this.#changes.has(key) && this.#changes.size >= maxChangedLevels) return false;
    this.#changes.set(key, { ...target, level, until: this.#clock.now() + forMs });
    return true;
  }

  /** The lines of a target have the level of policy again. @returns false where it was not changed */
  restore(target: LevelTarget): boolean {
    this.#dropExpired();
    return this.#changes.delete(keyOf(target));
  }

  get policy(): LeastLevel {
    return this.#policy;
  }

  list(): readonly ChangedLevel[] {
    this.#dropExpired();
    const now = this.#clock.now();
    return Array.from(this.#changes.values(), ({ until, ...change }) => ({ ...change, forMs: until - now }));
  }

  #levelOf(facts: LineFacts | undefined, logger: string | undefined): LeastLevel {
    this.#dropExpired();
    let found: LeastLevel | undefined;
    let foundRank = 0;
    for (const change of this.#changes.values()) {
      const rank = this.#fit(change, facts, logger);
      if (rank > foundRank) {
        found = change.level;
        foundRank = rank;
      }
    }
    return found ?? this.#policy;
  }

  /** 0 where the change is not about the line; more for one that counts before others. */
  #fit({ caller, route, logger }: Change, facts: LineFacts | undefined, own: string | undefined): number {
    if (caller !== undefined) {
      const known = facts?.caller;
      return known !== undefined && (known.subject === caller || this.#hash.of(known) === caller) ? 3 : 0;
    }
    if (route !== undefined) return facts !== undefined && `${facts.method} ${facts.route}` === route ? 2 : 0;
    return own === logger ? 1 : 0;
  }

  #dropExpired(): void {
    const now = this.#clock.now();
    for (const [key, { until }] of this.#changes) if (until <= now) this.#changes.delete(key);
  }
}

const keyOf = ({ route, caller, logger }: LevelTarget): string => JSON.stringify([route, caller, logger]);
