import type {
  AppDescription,
  EndpointDescription,
  PartDescription,
  ScreenDescription,
} from '../plan/app-description.js';
import type { Finding, Place } from './finding.js';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY']);
/** Members of a response that functions make, from which on they are worth a note. */
const MANY_MADE = 6;
/** The reason that `--describe` gives for such a member. */
const MADE = 'a function makes it';

/** Data of such names usually belongs to somebody. */
const ownedNouns = new Set(
  (
    'account address basket booking card claim conversation customer document employee file invoice member message ' +
    'order patient payment person policy profile reservation subscription tenant ticket user wallet'
  ).split(' '),
);

/** The findings of the routes of an app. */
export function* routeFindings(app: AppDescription): Generator<Finding> {
  for (const endpoint of app.endpoints) {
    yield* openRoute(endpoint, app);
    yield* limits(endpoint, app);
    yield* owner(endpoint);
    yield* computed(endpoint);
  }
}

const nameOf = ({ method, path }: EndpointDescription): string => `${method} ${path}`;

const placeOf = (endpoint: EndpointDescription): Place => ({
  kind: 'route',
  route: nameOf(endpoint),
  source: endpoint.screen?.source,
});

function* openRoute(endpoint: EndpointDescription, { policy }: AppDescription): Generator<Finding> {
  if (endpoint.access !== 'public') return;
  const route = nameOf(endpoint);
  if (!safeMethods.has(endpoint.method))
    yield {
      rule: 'open-write',
      level: 'error',
      place: placeOf(endpoint),
      message: `${route} is @Public(), so anybody can change data through it`,
      fix: `write @Access({ scope: '...' }) in place of @Public() in ${endpoint.handler}`,
    };
  const rules = policy.rateClasses?.[endpoint.rateClass ?? ''] ?? [];
  // Without a caller, requests per user are counted per address.
  if (policy.addressLimit === undefined && !rules.some(({ per }) => per === 'user' || per === 'address'))
    yield {
      rule: 'open-route-without-limit',
      level: 'error',
      place: placeOf(endpoint),
      message: `${route} is @Public() and has no limit per address`,
      fix: 'add addressLimit: { limit: 3000, window: 1m } to bff.yaml, or a rate class with per: address',
    };
}

function* limits(endpoint: EndpointDescription, { policy }: AppDescription): Generator<Finding> {
  const { rateClass } = endpoint;
  if (rateClass === undefined) {
    yield {
      rule: 'route-without-limit',
      level: 'warning',
      place: placeOf(endpoint),
      message: `${nameOf(endpoint)} has no rate class`,
      fix: `write @RateClass('...') above ${endpoint.handler}, with a name of rateClasses: ${Object.keys(policy.rateClasses ?? {}).join(', ')}`,
    };
    return;
  }
  const rules = policy.rateClasses?.[rateClass] ?? [];
  if (rules.length > 0 && rules.every(({ per }) => per === 'app'))
    yield {
      rule: 'class-without-caller-limit',
      level: 'warning',
      place: { kind: 'policy', path: ['rateClasses', rateClass] },
      message: `the rate class "${rateClass}" of ${nameOf(endpoint)} counts the whole app only`,
      fix: `add { per: user, limit: 60, window: 1m } to rateClasses.${rateClass}`,
    };
  const app = least(rules.filter(({ per }) => per === 'app'));
  const own = least(rules.filter(({ per }) => per !== 'app'));
  if (app !== undefined && own !== undefined && own.perSecond >= app.perSecond)
    yield {
      rule: 'caller-limit-above-app',
      level: 'warning',
      place: { kind: 'policy', path: ['rateClasses', rateClass] },
      message: `in the rate class "${rateClass}" of ${nameOf(endpoint)}, one caller may send ${own.text} and the whole app takes ${app.text}`,
      fix: `lower the limit per ${own.per} in rateClasses.${rateClass}, or raise that of the app`,
    };
}

/** The rule that lets the fewest requests through over a long time. */
function least(
  rules: NonNullable<AppDescription['policy']['rateClasses']>[string],
): { readonly per: string; readonly perSecond: number; readonly text: string } | undefined {
  return rules
    .flatMap(({ per, limit, windowMs }) =>
      limit === undefined || windowMs === undefined
        ? []
        : [{ per, perSecond: (limit * 1_000) / windowMs, text: `${limit} requests in ${windowMs / 1_000} s` }],
    )
    .toSorted((one, other) => one.perSecond - other.perSecond)[0];
}

/** An id that nothing compares with the caller (OWASP API1, broken object level authorization). */
function* owner(endpoint: EndpointDescription): Generator<Finding> {
  const { access, screen } = endpoint;
  if (access === 'public' || access.owner !== undefined || screen === undefined || 'caller' in screen.input) return;
  const found = ownedIds(screen)[0];
  if (found === undefined) return;
  const { reference, part, call } = found;
  yield {
    rule: 'id-without-owner',
    level: 'warning',
    place: placeOf(endpoint),
    message: `${nameOf(endpoint)} sends ${reference} to ${call} (part "${part}"), and nothing compares it with the caller`,
    fix: `write @Access({ ..., owner: ... }) if it is the id of the caller; else take the caller into the plan and refuse what is not theirs (docs/access.md)`,
  };
}

interface OwnedId {
  readonly reference: string;
  readonly part: string;
  readonly call: string;
}

function ownedIds({ parts }: ScreenDescription): OwnedId[] {
  return Object.entries(parts).flatMap(([part, call]) =>
    parametersOf(call)
      .filter(({ reference, noun }) => /^(?:path|query|body)\./.test(reference) && ownedNouns.has(noun))
      .map(({ reference }) => ({ reference, part, call: `${call.upstream ?? ''}.${call.operation ?? ''}` })),
  );
}

/** The path parameters of a call that are references, with what they are an id of: `/orders/{id}` and `{orderId}` are of an order. */
function parametersOf({ path = '', args }: PartDescription): { readonly reference: string; readonly noun: string }[] {
  const given = memberOf(args, 'path');
  return [...path.matchAll(/(?:\/([^/{}]+))?\/\{([^}]+)\}/g)].flatMap(([, before = '', name = '']) => {
    const reference = memberOf(memberOf(given, name), '$ref');
    if (typeof reference !== 'string') return [];
    const nouns = [name.replace(/_?id$/i, ''), before].map(singular).filter((noun) => noun !== '');
    const noun = nouns.find((one) => ownedNouns.has(one)) ?? nouns[0] ?? '';
    return [{ reference, noun }];
  });
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (Object.entries(value).find(([key]) => key === name) ?? [])[1]
    : undefined;

function singular(word: string): string {
  const last = word.toLowerCase().split(/[-_.]/).at(-1) ?? '';
  return last
    .replace(/ies$/, 'y')
    .replace(/sses$/, 'ss')
    .replace(/(?<!s)s$/, '');
}

function* computed(endpoint: EndpointDescription): Generator<Finding> {
  const members = endpoint.screen?.view?.members.filter(({ because }) => because === MADE) ?? [];
  if (members.length < MANY_MADE) return;
  yield {
    rule: 'much-computed',
    level: 'note',
    place: placeOf(endpoint),
    message: `${members.length} members of ${nameOf(endpoint)} are made by functions: ${members
      .slice(0, 5)
      .map(({ member }) => member)
      .join(', ')}, ...`,
    fix: 'move rules of the business into the service that owns the data; keep what only this screen shows',
  };
}
