import type { InputNode, PlanPart } from '../model/nodes.js';
import { collectNodes } from '../model/construction.js';
import { callSite } from '../model/call-site.js';
import { checkPlan } from './plan-check.js';
import { fieldPathOf, referTo, type Deep } from '../model/references.js';
import type { Schema } from '../model/schema.js';
import type { Node } from './verbs.js';

declare const types: unique symbol;

/**
 * What one screen fetches, as data.
 * @typeParam In what the endpoint hands to it, by group
 * @typeParam Parts what an answer sees of each part
 * @typeParam Outs what the upstream of each part sends; never for steps
 */
export interface Plan<In, Parts, Outs = unknown> {
  readonly name: string;
  readonly inputs: Readonly<Record<string, Schema<unknown>>>;
  readonly input: InputNode;
  readonly parts: readonly PlanPart[];
  /** The whole budget of a request, counted from its arrival. */
  readonly deadlineMs: number;
  /** Kept back from the deadline for making and sending the answer. */
  readonly reserveMs: number | undefined;
  /** file:line:column of the plan. */
  readonly source: string;
  readonly [types]?: readonly [In, Parts, Outs];
}

export type AnyPlan = Plan<unknown, unknown>;
export type InputOf<P> = P extends Plan<infer In, unknown> ? In : never;
/** What the upstream of each part sends, by part name: what a test replies with. */
export type OutsOf<P> = P extends Plan<unknown, unknown, infer Outs> ? Outs : never;
export type PartsOf<P> = P extends Plan<unknown, infer Parts> ? Parts : never;

export interface PlanOptions<In> {
  /** What the endpoint hands over, by group: `{ caller: given<Caller>(), query: z.object({ ... }) }`. */
  readonly input?: { readonly [K in keyof In]: Schema<In[K]> };
  /** The whole budget of a request, counted from its arrival, in milliseconds. Policy may tighten it. */
  readonly deadlineMs: number;
  /** Kept back from the deadline for making and sending the answer. @default what policy says, or 10 */
  readonly reserveMs?: number;
}

/** What each plan was built with, to build it again within another. */
const builds = new WeakMap<object, (input: never) => Readonly<Record<string, unknown>>>();

/**
 * @returns what builds the plan once more, of other references
 * @throws {TypeError} for what `plan(...)` did not make
 */
export function buildOf(of: AnyPlan): (input: unknown) => Readonly<Record<string, unknown>> {
  const build = builds.get(of);
  if (build === undefined) throw new TypeError(`plan '${of.name}' was not made by plan(...)`);
  // Typed where the plan was written; whoever asks has checked its input against the plan.
  return (input) => build(input as never);
}

type Inputs<In> = { readonly [K in keyof In]: Deep<In[K]> };

/**
 * Declares what a screen fetches. `build` runs once, at start; what it touches are references, not values. What it returns are the
 * parts by their public names.
 * @throws {TypeError} naming the plan, the call and what to write, when the plan cannot work as it stands
 */
export function plan<In, const R extends Readonly<Record<string, Node<unknown>>>>(
  name: string,
  options: PlanOptions<In>,
  build: (input: Inputs<In>) => R,
): Plan<
  In,
  { readonly [K in keyof R]: R[K] extends Node<infer T> ? T : never },
  { readonly [K in keyof R]: R[K] extends Node<unknown, infer _, infer Out> ? Out : never }
> {
  const source = callSite(plan);
  const input: InputNode = { kind: 'input' };
  // References are typed by phantoms: the members of `input` are read by name only.
  const { result, nodes } = collectNodes(() => build(referTo({ node: input, path: [] }) as Inputs<In>));
  const named = Object.entries(result).map(([part, node]) => ({ name: part, field: fieldPathOf(node) }));
  const { reserveMs } = options;
  const parts = checkPlan({ name, source, deadlineMs: options.deadlineMs, reserveMs, named, nodes });
  const inputs: Readonly<Record<string, Schema<unknown>>> = { ...options.input };
  const made = { name, inputs, input, parts, deadlineMs: options.deadlineMs, reserveMs, source };
  builds.set(made, build);
  return made;
}
