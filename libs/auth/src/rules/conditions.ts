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
export type OwnerPlace = ({ readonly path: string } | { readonly query: string }) & {
  /** Callers with this role may use what belongs to others. */
  readonly orRole?: string;
};

/** The conditions of a route beyond scopes and roles. */
export interface Conditions {
  /** The caller must be the owner that the request names. */
  readonly owner?: OwnerPlace;
  /** The user must have been authenticated in one of these ways. */
  readonly acr?: readonly string[];
  /** The user must have been authenticated at most this long ago. */
  readonly maxAgeSeconds?: number;
  readonly when?: (facts: AccessFacts) => boolean;
}

/**
 * Checks the conditions of a rule beyond scopes and roles.
 * @param url as the request has it
 * @param wallTime milliseconds since 1970
 * @throws ProblemError `GW_FORBIDDEN`, or `GW_UNAUTHENTICATED` with the challenge of RFC 9470
 */
export type CheckConditions = (caller: Caller, url: string, wallTime: number) => void;

/**
 * The conditions of one route, decided at the start; `undefined` where its rule has none.
 * @param template of the path: `/users/:id`
 * @throws Error for an owner that the route has no parameter for
 */
export function compileConditions(rule: Conditions, template: string): CheckConditions | undefined {
  const { owner, acr, maxAgeSeconds, when } = rule;
  if (owner === undefined && acr === undefined && maxAgeSeconds === undefined && when === undefined) return undefined;
  const names = template
    .split('/')
    .flatMap((segment, index) => (segment.startsWith(':') ? [[segment.slice(1), index] as const] : []));
  if (owner !== undefined && 'path' in owner && !names.some(([name]) => name === owner.path))
    throw new Error(`@Access({ owner: { path: '${owner.path}' } }): ${template} has no parameter :${owner.path}`);
  return (caller, url, wallTime) => {
    assertAuthentication(caller, acr, maxAgeSeconds, wallTime);
    if (owner === undefined && when === undefined) return;
    const at = url.indexOf('?');
    const [path, query] = at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
    const facts = { caller, path: pathValues(path, names), query: queryValues(query) };
    if (owner !== undefined && !owns(facts, owner)) throw new ProblemError('GW_FORBIDDEN');
    // A promise, of a function that is not pure, allows nothing.
    const allowed: unknown = when === undefined || when(facts);
    if (allowed !== true) throw new ProblemError('GW_FORBIDDEN');
  };
}

function owns({ caller, path, query }: AccessFacts, owner: OwnerPlace): boolean {
  if (owner.orRole !== undefined && caller.roles.includes(owner.orRole)) return true;
  const id = 'path' in owner ? path[owner.path] : query[owner.query];
  return id !== undefined && id === caller.subject;
}

/** RFC 9470 section 3. */
function assertAuthentication(
  caller: Caller,
  acr: readonly string[] | undefined,
  maxAgeSeconds: number | undefined,
  wallTime: number,
): void {
  const isStrong = acr === undefined || (caller.acr !== undefined && acr.includes(caller.acr));
  const isFresh =
    maxAgeSeconds === undefined ||
    (caller.authenticatedAt !== undefined && wallTime / 1000 - caller.authenticatedAt <= maxAgeSeconds);
  if (isStrong && isFresh) return;
  const wanted = [
    ...(acr === undefined ? [] : [`acr_values="${acr.join(' ')}"`]),
    ...(maxAgeSeconds === undefined ? [] : [`max_age="${maxAgeSeconds}"`]),
  ];
  throw new ProblemError('GW_UNAUTHENTICATED', {
    headers: { 'www-authenticate': ['Bearer error="insufficient_user_authentication"', ...wanted].join(', ') },
  });
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
