import type { Caller } from '@frontage/context';
import { ProblemError } from '@frontage/core';

/** Values by name; no prototype. A name that stands twice in a query has no value here. */
export type RequestValues = Readonly<Record<string, string | undefined>>;

/** The facts that an attribute rule decides by. */
export interface AccessFacts {
  readonly caller: Caller;
  /** Parameters of the path of the route, decoded. */
  readonly path: RequestValues;
  readonly query: RequestValues;
}

/** The place of the id of the owner in a request. */
export type OwnerPlace = (
  | { readonly path: string }
  | { readonly query: string }
  /** A member of the body; dots lead into objects: `order.customerId`. */
  | { readonly body: string }
) & {
  /** Callers with this role may use what belongs to others. */
  readonly orRole?: string;
};

/** The conditions of a route that a request meets together with its caller. */
export interface RequestConditions {
  /**
   * The request must name its caller as the owner: `{ path: 'userId' }`, `{ query: 'customerId' }` or `{ body: 'buyerId' }`, compared with the
   * subject. A request without it, or with it twice, is refused. A body is compared after it was read, and before the handler begins.
   */
  readonly owner?: OwnerPlace;
  /** A rule of attributes: a pure function that allows the request with `true`, and refuses it with anything else. */
  readonly when?: (facts: AccessFacts) => boolean;
}

/**
 * Checks the conditions of a rule that need the head of a request.
 * @param url as the request has it
 * @throws ProblemError `GW_FORBIDDEN`
 */
export type CheckConditions = (caller: Caller, url: string) => void;

/**
 * Checks the condition of a rule that needs the body of a request.
 * @param body as it was read: JSON, or the values of a form
 * @throws ProblemError `GW_FORBIDDEN`
 */
export type CheckBody = (caller: Caller | undefined, body: unknown) => void;

/**
 * The conditions of one route, decided at the start; `undefined` where its rule has none.
 * @param template of the path: `/users/:id`
 * @throws Error for an owner that the route has no parameter for
 */
export function compileConditions(rule: RequestConditions, template: string): CheckConditions | undefined {
  const { when } = rule;
  const owner = rule.owner !== undefined && !('body' in rule.owner) ? rule.owner : undefined;
  if (owner === undefined && when === undefined) return undefined;
  const names = parameterNames(template);
  const valuesOf = requestValues(template);
  if (owner !== undefined && 'path' in owner && !names.some(([name]) => name === owner.path))
    throw new Error(`@Access({ owner: { path: '${owner.path}' } }): ${template} has no parameter :${owner.path}`);
  return (caller, url) => {
    const facts = { caller, ...valuesOf(url) };
    if (owner !== undefined) {
      const id = 'path' in owner ? facts.path[owner.path] : facts.query[owner.query];
      if (!isOwner(caller, id, owner.orRole)) throw notOwner();
    }
    // A promise, of a function that is not pure, allows nothing.
    const allowed: unknown = when === undefined || when(facts);
    if (allowed !== true)
      throw new ProblemError('GW_FORBIDDEN', {
        event: 'condition.refused',
        cause: new Error('the condition of the route does not allow it'),
      });
  };
}

/**
 * The condition for the body of one route, decided at the start; `undefined` where its rule has none.
 * @param route its method, and its name for messages
 * @throws Error for a route whose method has no body
 */
export function compileBodyCondition(
  { owner }: RequestConditions,
  route: { readonly method: string; readonly path: string },
): CheckBody | undefined {
  if (owner === undefined || !('body' in owner)) return undefined;
  const steps = owner.body.split('.');
  if (steps.includes(''))
    throw new Error(`@Access({ owner: { body: '${owner.body}' } }): write a member, or a path such as order.buyerId`);
  if (route.method === 'GET' || route.method === 'HEAD')
    throw new Error(
      `@Access({ owner: { body: '${owner.body}' } }): ${route.method} ${route.path} takes no body; write path or query`,
    );
  return (caller, body) => {
    // Only members of its own: a body cannot name its owner by what every object inherits.
    const id = steps.reduce<unknown>(
      (value, step) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, step)
          ? Reflect.get(value, step)
          : undefined,
      body,
    );
    if (caller === undefined || !isOwner(caller, id, owner.orRole)) throw notOwner();
  };
}

const isOwner = ({ subject, roles }: Caller, id: unknown, orRole: string | undefined): boolean =>
  (orRole !== undefined && roles.includes(orRole)) || (typeof id === 'string' && id === subject);

const parameterNames = (template: string): readonly (readonly [name: string, index: number])[] =>
  template
    .split('/')
    .flatMap((segment, index) => (segment.startsWith(':') ? [[segment.slice(1), index] as const] : []));

/** Reads the parameters of requests to one route. @param template of its path: `/users/:id` */
export function requestValues(template: string): (url: string) => Pick<AccessFacts, 'path' | 'query'> {
  const names = parameterNames(template);
  return (url) => {
    const at = url.indexOf('?');
    const [path, query] = at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
    return { path: pathValues(path, names), query: queryValues(query) };
  };
}

const table = (): Record<string, string | undefined> => Object.create(null);

function pathValues(path: string, names: readonly (readonly [name: string, index: number])[]): RequestValues {
  const values = table();
  const segments = path.split('/');
  for (const [name, index] of names) values[name] = decoded(segments[index]);
  return values;
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function queryValues(query: string): RequestValues {
  const values = table();
  const seen = new Set<string>();
  for (const [name, value] of new URLSearchParams(query)) {
    // Two values could be read differently by the check and by the handler.
    values[name] = seen.has(name) ? undefined : value;
    seen.add(name);
  }
  return values;
}

const notOwner = (): ProblemError =>
  new ProblemError('GW_FORBIDDEN', {
    event: 'owner.refused',
    cause: new Error('the request names another owner than its caller'),
  });
