import type { Clock } from '@frontage/core';
import type { CompiledBatch } from '../execution/batch-run.js';
import type { CompiledCall } from '../execution/compiled-call.js';
import type { CompiledStep } from '../execution/compiled-step.js';
import type { CompiledEach } from '../execution/each-run.js';
import type { CompiledPages } from '../execution/pages-run.js';

/** A node of a plan, decided at start. */
export interface CompiledNode {
  readonly name: string;
  readonly work: CompiledWork;
  /** Without it there is no page: a required call, a write, an `each` of required calls. */
  readonly critical: boolean;
  /** Its value is a `Part`. */
  readonly unsure: boolean;
  readonly fallback: { readonly value: unknown } | undefined;
  /** How many nodes it waits for. */
  readonly waits: number;
  /** Slots of the nodes that wait for it. */
  readonly dependents: readonly number[];
}
export type CompiledWork =
  | { readonly kind: 'call'; readonly call: CompiledCall }
  | { readonly kind: 'each'; readonly each: CompiledEach }
  | { readonly kind: 'batch'; readonly batch: CompiledBatch }
  | { readonly kind: 'pages'; readonly pages: CompiledPages }
  | { readonly kind: 'step'; readonly step: CompiledStep };

/** The plan, decided at start; nodes by slot, the named parts first. */
export interface CompiledGraph {
  readonly nodes: readonly CompiledNode[];
  readonly roots: readonly number[];
  readonly waits: readonly number[];
  /** The values of a request that has just begun. */
  readonly blank: readonly unknown[];
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly reserveMs: number;
  /** How many writes it has. */
  readonly writeCount: number;
  /** Can a part of its writes be done and another not, or one be taken back? Then a request that fails waits for what became of them. */
  readonly unwinds: boolean;
}
