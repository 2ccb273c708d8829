import type {
  CacheDescription,
  AppDescription,
  AttemptsDescription,
  CarriageDescription,
  EndpointDescription,
  FieldsDescription,
  ParsingDescription,
  PartDescription,
  ScreenDescription,
} from './app-description.js';

/** A time limit and its source. */
export interface Limit {
  readonly ms: number;
  readonly from: 'plan' | 'bff.yaml' | 'upstream';
}

/** One part of a plan with its policy. */
export interface PartView extends PartDescription {
  readonly name: string;
  /** Timeout of one call; absent for a step, and where only the deadline ends it. */
  readonly timeout?: Limit;
  readonly cache?: CacheDescription;
  /** The connections of its calls, and the addresses that they go to. */
  readonly carriage?: CarriageDescription;
  /** Retries and hedges of its calls. */
  readonly attempts?: AttemptsDescription;
  readonly fields?: FieldsDescription;
  /** The part of its response that is parsed; absent for a step. */
  readonly parsing?: ParsingDescription;
  /** Most milliseconds for all of its calls together. */
  readonly worstCaseMs: number;
}

/** A plan under the policy of its app. */
export interface PlanView {
  readonly app: string;
  readonly endpoint: EndpointDescription;
  readonly screen: ScreenDescription;
  readonly parts: readonly PartView[];
  readonly deadline: Limit;
  /** Part of the deadline that is kept for the response. */
  readonly reserveMs: number;
  /** The parts of the longest path. */
  readonly criticalPath: readonly PartView[];
  /** Milliseconds of the calls on the path together, where each takes its longest time. */
  readonly criticalPathMs: number;
  /** Longest time that the client waits: the deadline ends reads, a write that was sent runs to its own timeout. */
  readonly worstCaseMs: number;
}

export function planView(app: AppDescription, endpoint: EndpointDescription, screen: ScreenDescription): PlanView {
  const deadline = deadlineOf(app, screen);
  const reserveMs = app.policy.reserveMs ?? 0;
  const parts = Object.entries(screen.parts).map(([name, part]) => partView(app, screen, name, part, deadline.ms));
  const criticalPath = longestWay(parts, deadline.ms);
  return {
    app: app.bff,
    endpoint,
    screen,
    parts,
    deadline,
    reserveMs,
    criticalPath,
    criticalPathMs: sumOf(criticalPath),
    worstCaseMs: endOf(criticalPath, deadline.ms),
  };
}

/** Reads end with the deadline; a write has its own time from when it is sent. */
const endOf = (way: readonly PartView[], deadlineMs: number): number =>
  way.reduce(
    (begun, { need, worstCaseMs: ms }) =>
      need === 'write' ? Math.min(begun, deadlineMs) + ms : Math.max(begun, Math.min(begun + ms, deadlineMs)),
    0,
  );

const sumOf = (parts: readonly PartView[]): number => parts.reduce((sum, { worstCaseMs }) => sum + worstCaseMs, 0);

function deadlineOf({ policy }: AppDescription, { name, deadlineMs }: ScreenDescription): Limit {
  const ofPolicy = Math.min(policy.plans?.[name]?.deadlineMs ?? Infinity, policy.deadlineMs ?? Infinity);
  return ofPolicy <= deadlineMs ? { ms: ofPolicy, from: 'bff.yaml' } : { ms: deadlineMs, from: 'plan' };
}

function partView(
  { policy }: AppDescription,
  screen: ScreenDescription,
  name: string,
  part: PartDescription,
  deadlineMs: number,
): PartView {
  const upstream = policy.upstreams?.[part.upstream ?? ''];
  const operation = part.operation ?? '';
  const ofPolicy = policy.plans?.[screen.name]?.calls?.[name]?.timeoutMs;
  const ofUpstream = upstream?.operations?.[operation]?.timeoutMs ?? upstream?.timeoutMs;
  const timeout: Limit | undefined =
    ofPolicy !== undefined && ofPolicy <= (part.timeoutMs ?? Infinity)
      ? { ms: ofPolicy, from: 'bff.yaml' }
      : part.timeoutMs !== undefined
        ? { ms: part.timeoutMs, from: 'plan' }
        : ofUpstream !== undefined && part.kind !== 'step'
          ? { ms: ofUpstream, from: 'upstream' }
          : undefined;
  const cache = upstream?.cache?.[operation];
  const attempts = part.kind === 'step' ? undefined : attemptsOf(part, upstream);
  const fields = screen.fields[name];
  const parsing = screen.view?.parsing[name];
  const standIns = (part.fallbacks ?? []).reduce((sum, one) => {
    if (one.kind !== 'operation') return sum;
    return sum + (one.timeoutMs ?? policy.upstreams?.[one.upstream]?.timeoutMs ?? deadlineMs);
  }, 0);
  const onceMs = part.kind === 'step' ? 0 : (timeout?.ms ?? deadlineMs) + standIns;
  return {
    ...part,
    name,
    ...(timeout && { timeout }),
    ...(cache && { cache }),
    ...(attempts && { attempts }),
    ...(part.kind !== 'step' && upstream && { carriage: carriageOf(upstream) }),
    ...(fields && { fields }),
    ...(parsing && { parsing }),
    worstCaseMs: onceMs * rounds(part),
  };
}

function carriageOf({ urls, transport, protocol, proxy, balance }: CarriageDescription): CarriageDescription {
  return {
    ...(urls && { urls }),
    ...(transport !== undefined && { transport }),
    ...(protocol !== undefined && { protocol }),
    ...(proxy !== undefined && { proxy }),
    ...(balance && { balance }),
  };
}

/** The policy of the operation stands before that of its upstream. A write is never hedged, and retried only with a key: neither is shown. */
function attemptsOf(
  { need, operation = '' }: PartDescription,
  upstream: NonNullable<AppDescription['policy']['upstreams']>[string] | undefined,
): AttemptsDescription | undefined {
  if (upstream === undefined) return undefined;
  const { concurrency } = upstream;
  const ownBreaker = upstream.operations?.[operation]?.breaker;
  const breaker = ownBreaker === 'off' ? undefined : (ownBreaker ?? upstream.breaker);
  const limits = { ...(breaker && { breaker }), ...(concurrency !== undefined && { concurrency }) };
  if (need === 'write') return limits;
  const own = upstream.operations?.[operation];
  const retry = own?.retry === 'off' ? undefined : { ...upstream.retry, ...own?.retry };
  const hedge = own?.hedge === 'off' ? undefined : (own?.hedge ?? upstream.hedge);
  const { attempts = upstream.retry === undefined && own?.retry !== undefined ? 2 : undefined, retryOn } = retry ?? {};
  return {
    ...limits,
    ...(attempts !== undefined && { retry: { attempts, ...(retryOn && { retryOn }) } }),
    ...(hedge && { hedge }),
  };
}

/** Number of calls of a part that run one after the other. */
function rounds({ kind, maxCount = 1, inner = [], concurrency = 1, size = 1, maxPages = 1 }: PartDescription): number {
  switch (kind) {
    case 'each':
      return Math.ceil(inner.reduce((count, level) => count * level.maxCount, maxCount) / concurrency);
    case 'batch':
      return Math.ceil(Math.ceil(maxCount / size) / concurrency);
    case 'pages':
      return maxPages;
    default:
      return 1;
  }
}

/** The path that ends last; of those that the deadline ends together, the one that takes longest. */
function longestWay(parts: readonly PartView[], deadlineMs: number): readonly PartView[] {
  const byName = new Map(parts.map((part) => [part.name, part]));
  const ways = new Map<string, readonly PartView[]>();
  const later = (one: readonly PartView[], other: readonly PartView[]): readonly PartView[] => {
    const ahead = endOf(other, deadlineMs) - endOf(one, deadlineMs) || sumOf(other) - sumOf(one);
    return ahead > 0 ? other : one;
  };
  const wayTo = (part: PartView): readonly PartView[] => {
    const known = ways.get(part.name);
    if (known !== undefined) return known;
    const before = part.after.flatMap((name) => byName.get(name) ?? []).map(wayTo);
    const way = [...before.reduce(later, []), ...(part.kind === 'step' ? [] : [part])];
    ways.set(part.name, way);
    return way;
  };
  return parts.map(wayTo).reduce(later, []);
}

/** `600 ms`, `10 s`, `5 min`. */
export function duration(ms: number): string {
  if (ms >= 120_000 && ms % 60_000 === 0) return `${ms / 60_000} min`;
  return ms >= 10_000 && ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}
