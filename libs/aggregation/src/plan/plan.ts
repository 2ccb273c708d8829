import type { InputNode, PlanPart, StepNode } from '../model/nodes.js';
import { collectNodes } from '../model/construction.js';
import { callSite } from '../model/call-site.js';
import { checkPlan } from './plan-check.js';
import { fieldPathOf, referTo, type AnyRef, type Deep } from '../model/references.js';
import type { Schema } from '../model/schema.js';
import type { Node } from './call-types.js';

declare const types: unique symbol;

/**
 * The calls of one screen, as data.
 * @typeParam In the input of the endpoint, by group
 * @typeParam Parts each part as a view sees it
 * @typeParam Outs the upstream's response of each part; never for steps
 */
export interface Plan<In, Parts, Outs = unknown> {
  readonly name: string;
  readonly inputs: Readonly<Record<string, Schema<unknown>>>;
  readonly input: InputNode;
  readonly parts: readonly PlanPart[];
  /** Steps without a value, which decide whether a request goes on. */
  readonly rules: readonly StepNode[];
  /** The budget of the whole request in milliseconds, counted from its arrival. */
  readonly deadlineMs: number;
  /** Milliseconds kept back from the deadline for building and sending the response. */
  readonly reserveMs: number | undefined;
  /** The purpose of the endpoint, in the words of the plan. */
  readonly description: string | undefined;
  /** file:line:column of the plan. */
  readonly source: string;
  readonly [types]?: readonly [In, Parts, Outs];
}

export type AnyPlan = Plan<unknown, unknown>;
export type InputOf<P> = P extends Plan<infer In, unknown> ? In : never;
/** The upstream's response of each part, by part name: the type of a reply in tests. */
export type OutsOf<P> = P extends Plan<unknown, unknown, infer Outs> ? Outs : never;
export type PartsOf<P> = P extends Plan<unknown, infer Parts> ? Parts : never;

export interface PlanOptions<In> {
  /** The input of the endpoint, by group: `{ caller: given<Caller>(), query: z.object({ ... }) }`. */
  readonly input?: { readonly [K in keyof In]: Schema<In[K]> };
  /** The purpose of the endpoint: stands in the OpenAPI document, for developers of clients. Markdown. @default the comment above the method */
  readonly description?: string;
  /** The budget of the whole request in milliseconds, counted from its arrival. Policy may tighten it. */
  readonly deadlineMs: number;
  /** Milliseconds kept back from the deadline for building and sending the response. @default the value of policy, or 10 */
  readonly reserveMs?: number;
}

/** The arguments of each plan, to build it again within another. */
const builds = new WeakMap<object, (input: never) => Readonly<Record<string, unknown>>>();

/**
 * @returns a function that builds the plan again with other references
 * @throws {TypeError} for a value that `plan(...)` did not make
 */
export function buildOf(of: AnyPlan): (input: unknown) => Readonly<Record<string, unknown>> {
  const build = builds.get(of);
  if (build === undefined) throw new TypeError(`plan '${of.name}' was not made by plan(...)`);
  // The type was checked where the plan was written; the caller has checked its input against the plan.
  return (input) => build(input as never);
}

/** The parts of a plan; a reference that is no part says what to do with it. */
type OnlyParts<R> = string extends keyof R
  ? unknown
  : {
      readonly [K in keyof R]: R[K] extends Node<unknown>
        ? unknown
        : R[K] extends AnyRef
          ? 'this is a value and no part: leave it out here; a view makes it of the parts with the same words'
          : 'a part is what required, optional, write, each, batch, pages, step or include returned';
    };
type Inputs<In> = { readonly [K in keyof In]: Deep<In[K]> };

/**
 * Declares the calls of a screen. `build` runs once, at start, with references in place of values, and returns the parts by their public
 * names.
 * @throws {TypeError} naming the plan, the call and what to write, when the plan cannot work
 */
export function plan<In, const R extends Readonly<Record<string, Node<unknown> | AnyRef>>>(
  name: string,
  options: PlanOptions<In>,
  build: (input: Inputs<In>) => R & OnlyParts<R>,
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
  const { reserveMs, description } = options;
  const parts = checkPlan({ name, source, deadlineMs: options.deadlineMs, reserveMs, named, nodes });
  const inputs: Readonly<Record<string, Schema<unknown>>> = { ...options.input };
  const rules = nodes.flatMap((node) => (node.kind === 'step' && node.isRule === true ? [node] : []));
  const made = { name, inputs, input, parts, rules, deadlineMs: options.deadlineMs, reserveMs, description, source };
  builds.set(made, build);
  return made;
}
