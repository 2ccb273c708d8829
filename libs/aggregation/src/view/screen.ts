import type { Rendered, Checked, Seen } from './view-types.js';
import { reference, toExpression } from './view-reference.js';
import { callSite } from '../model/call-site.js';
import { branchesOf } from './expression-branches.js';
import { absentPart, expressionText, showsParts } from './expression-reading.js';
import type { Expression } from './expressions.js';
import type { AnyPlan, Plan } from '../plan/plan.js';
import { traitsOf } from '../model/node-traits.js';
import type { Deep, Ref } from '../model/references.js';

declare const response: unique symbol;
declare const input: unique symbol;

type Scalar = string | number | boolean;

/** The value of a header: null and undefined leave it out, a list is joined by commas. */
export type HeaderValue = string | number | Ref<Scalar | null | undefined | readonly Scalar[]>;

/** One cookie of a response (RFC 6265). */
export interface Cookie {
  /** Null and undefined leave the cookie out; an empty text with `maxAge: 0` removes it. */
  readonly value: string | Ref<string | number | null | undefined>;
  /** Seconds that it is kept. @default until the browser is closed */
  readonly maxAge?: number | Ref<number | null | undefined>;
  /** @default '/' */
  readonly path?: string;
  /** @default the host of the request alone */
  readonly domain?: string;
  /** Scripts of a page cannot read it. @default true */
  readonly httpOnly?: boolean;
  /** It travels over TLS only. @default true */
  readonly secure?: boolean;
  /** True if requests from other sites carry it. @default 'lax' */
  readonly sameSite?: 'strict' | 'lax' | 'none';
  /** Each site that embeds the page has its own. @default false */
  readonly partitioned?: boolean;
}

export type CookieAttributes = { readonly name: string } & Omit<Cookie, 'value' | 'maxAge'>;

/** The headers and cookies of a response as data. */
export interface ResponseHead {
  /** Members `headers`, `cookies` and `maxAges`, each by name. */
  readonly view: Expression;
  readonly headers: readonly string[];
  readonly cookies: readonly CookieAttributes[];
}

/** The name of a business event, an object and what has happened to it: `order.placed`. */
export type EventName = `${string}.${string}`;

/**
 * A plan and its view. `satisfies Screen<Pinned>` compares the response with a type of your own, so that a drift of an upstream contract is
 * a compile error.
 */
export interface Screen<out A, out In = unknown> {
  readonly plan: AnyPlan;
  /** The view as data. */
  readonly view: Expression;
  /** Headers and cookies of its successful responses. */
  readonly head?: ResponseHead;
  /** The business event that a successful response stands for. */
  readonly count?: EventName;
  /** file:line:column of the screen. */
  readonly source: string;
  readonly [response]?: A;
  readonly [input]?: In;
}
/** The response body of a screen. */
export type ResponseOf<S> = S extends Screen<infer A> ? A : never;

/** By file:line:column of `screen(...)`, so that there are never more of them than places in the code. */
const declared = new Map<string, Screen<unknown>>();

/** The screens that the process has declared, served by a route or not: for messages at start. */
export function declaredScreens(): readonly Screen<unknown>[] {
  return [...declared.values()];
}

type PartsOfView<Parts> = { readonly [K in keyof Parts]: Seen<Parts[K]> };
type InputsOfView<In> = { readonly [K in keyof In]: Deep<In[K]> };

/** The headers and cookies of a successful response, and what it counts as. */
export interface ScreenOptions<In, Parts> {
  /**
   * Headers by name, of the same references as the view: `({ order }) => ({ Location: text`/orders/${order.id}` })`. A value that no header can
   * hold leaves the header out, with a warning. The gateway sets headers of the connection and of its own; naming one stops the start.
   */
  readonly headers?: (parts: PartsOfView<Parts>, input: InputsOfView<In>) => Readonly<Record<string, HeaderValue>>;
  /** Cookies by name: `({ session }) => ({ sid: { value: session.token, maxAge: 3600 } })`. */
  readonly cookies?: (parts: PartsOfView<Parts>, input: InputsOfView<In>) => Readonly<Record<string, Cookie>>;
  /**
   * A business event: each successful response counts in the metric `frontage_business_events_total{event,response}`. Lower-case words of letters,
   * digits and `_`, joined by points, 64 characters at most: `order.placed`. @default none
   */
  readonly count?: EventName;
}

/** Longest name of a business event. */
const maxEventLength = 64;
const eventWords = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$/;

/**
 * Declares the view of a plan. `build` runs once, at start, with references in place of values. `() => undefined` sends no body: the status
 * is enough.
 * @throws {TypeError} naming the reference and what to write instead, where the view holds something that cannot be sent
 */
export function screen<In, Parts, const R>(
  plan: Plan<In, Parts>,
  build: (
    parts: { readonly [K in keyof Parts]: Seen<Parts[K]> },
    input: { readonly [K in keyof In]: Deep<In[K]> },
  ) => R & Checked<R>,
  options: ScreenOptions<In, Parts> = {},
): Screen<Rendered<R>, In> {
  const source = callSite(screen);
  try {
    const view = toExpression(build(partReferences(plan), inputReferences(plan)));
    checkRoot(view);
    checkMembers(view);
    const head = headOf(plan, options);
    const { count } = options;
    if (count !== undefined && (count.length > maxEventLength || !eventWords.test(count)))
      throw new TypeError(
        `count is ${JSON.stringify(count)} at ${source}: write lower-case words with a point between them, ${maxEventLength} characters at most, such as 'order.placed'`,
      );
    const made = { plan, view, source, ...(head && { head }), ...(count && { count }) };
    declared.set(source, made);
    return made;
  } catch (error) {
    if (error instanceof TypeError) error.message = `screen of plan '${plan.name}': ${error.message}`;
    throw error;
  }
}

function headOf<In, Parts>(
  plan: Plan<In, Parts>,
  { headers, cookies }: ScreenOptions<In, Parts>,
): ResponseHead | undefined {
  if (headers === undefined && cookies === undefined) return undefined;
  const [parts, input] = [partReferences<PartsOfView<Parts>>(plan), inputReferences<InputsOfView<In>>(plan)];
  const head = responseHead(headers?.(parts, input) ?? {}, cookies?.(parts, input) ?? {});
  const absent = absentPart(head.view);
  if (absent !== undefined)
    throw new TypeError(
      `a header or a cookie reads ${expressionText(absent)}, which may be missing: wrap it in orNull(...)`,
    );
  return head;
}

// The plan names the members and its phantom types them: the compiler cannot see that both are the same.
function partReferences<R>(plan: AnyPlan): R {
  const entries = plan.parts.map(({ name, node }, position) => {
    return [name, reference<object>({ kind: 'part', name, position, node })];
  });
  return refuseUnknown(Object.fromEntries(entries), `plan '${plan.name}' has no part`) as R;
}

function inputReferences<R>(plan: AnyPlan): R {
  const entries = Object.entries(plan.inputs).map(([name, schema]) => [
    name,
    reference<object>({ kind: 'input', name, schema }),
  ]);
  return refuseUnknown(Object.fromEntries(entries), `plan '${plan.name}' takes no input`) as R;
}

/** Names the unknown member, for callbacks that the compiler did not check. */
function refuseUnknown(members: Readonly<Record<string, object>>, warning: string): object {
  return new Proxy(members, {
    get(target, key) {
      if (typeof key === 'symbol') return undefined;
      if (Object.hasOwn(target, key)) return target[key];
      throw new TypeError(`${warning} '${key}': it has ${Object.keys(target).join(', ') || 'none'}`);
    },
  });
}

function checkRoot(root: Expression): void {
  const members = root.kind === 'named' ? root.of : root;
  const names =
    members.kind === 'object' ? members.members.map(([name]) => name) : members.kind === 'pick' ? members.keys : [];
  if (names.includes('_parts')) {
    throw new TypeError(
      "a member of the view is named '_parts', the name of the report in a partial response: choose another name",
    );
  }
  const absent = absentPart(root);
  if (absent !== undefined) {
    throw new TypeError(
      `${expressionText(absent)} may be missing: wrap it in orElse(..., other), orNull(...) or orOmit(...)`,
    );
  }
}

/** A list of parts is not JSON: it would show the parts and not their values. A table is not JSON either: it would show nothing. */
export function checkMembers(e: Expression): void {
  if (e.kind === 'indexBy' || e.kind === 'groupBy' || (e.kind === 'part' && traitsOf(e.node).yields === 'table')) {
    throw new TypeError(
      `${expressionText(e)} is a table, which is not JSON: read it with at(${expressionText(e)}, key)`,
    );
  }
  if (showsParts(e)) {
    throw new TypeError(
      `the items of ${expressionText(e)} may be missing: write list(${expressionText(e)}, (item) => orNull(item))`,
    );
  }
  for (const member of branchesOf(e).shown) checkMembers(member);
}

/** @throws {TypeError} for a value that cannot be sent */
function responseHead(
  headers: Readonly<Record<string, HeaderValue>>,
  cookies: Readonly<Record<string, Cookie>>,
): ResponseHead {
  const members = (values: readonly (readonly [string, unknown])[]): Expression => ({
    kind: 'object',
    members: values.map(([name, value]) => [name, toExpression(value)]),
  });
  const all = Object.entries(cookies);
  return {
    view: {
      kind: 'object',
      members: [
        ['headers', members(Object.entries(headers))],
        ['cookies', members(all.map(([name, { value }]) => [name, value]))],
        ['maxAges', members(all.map(([name, { maxAge }]) => [name, maxAge]))],
      ],
    },
    headers: Object.keys(headers),
    cookies: all.map(([name, { value: _value, maxAge: _maxAge, ...attributes }]) => ({ name, ...attributes })),
  };
}
