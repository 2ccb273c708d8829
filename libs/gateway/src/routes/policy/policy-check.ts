import { callsOf, inputReads, requiredInputs } from '@frontage/aggregation';
import { PolicyFiles, type BffConfig, type ConfigError, type PolicyMistake } from '@frontage/config';
import { isSafe, nearest, removingMethods, type OperationInfo } from '@frontage/core';
import { operationsIn, type OperationModule } from '@frontage/clients';
import { upstreamOf } from '../client-names.js';
import type { Route } from '../routes.js';
import { limitMistakes } from './limits-check.js';
import { claimSourcesOf } from '../../access/issuers.js';
import type { AnyScreen } from '../screen-of.js';
import { screensMistakes } from './screens-check.js';
import { secretMistakes } from './secret-check.js';
import { tracingMistakes } from './tracing-check.js';
import { servedElsewhere } from './server-check.js';
import { unservedScreens, type UnservedScreen } from '../screen-check.js';

/** Names in the app to which a policy may refer. */
interface Named {
  /** Calls by plan. */
  readonly plans: ReadonlyMap<string, ReadonlySet<string>>;
  /** Operations by upstream and id. */
  readonly upstreams: ReadonlyMap<string, ReadonlyMap<string, NamedOperation>>;
  /** Those of the upstreams that some screen calls. */
  readonly screened: ReadonlySet<string>;
  readonly rateClasses: ReadonlySet<string>;
  /** Declared, and served by no route. */
  readonly unserved: readonly UnservedScreen[];
}

interface NamedOperation {
  readonly info: OperationInfo;
  /** A plan that calls it with `write(...)`. */
  readonly writer?: string;
}

/**
 * Compares the policy with the app: a rule for a plan, a call, an upstream, an operation or a rate class that the app does
 * not have would have no effect, without a notice (RELIABILITY F27). Inherited rules may be meant for other apps.
 * @returns every mistake at its place, or undefined
 */
export function policyMistakes(
  config: BffConfig,
  routes: readonly Route[],
  clients: Iterable<OperationModule>,
): ConfigError | undefined {
  const files = new PolicyFiles(config);
  const app = namesOf(config, routes, clients);
  const mistakes = [
    ...missing(config, routes, app),
    ...wronglySafe(config, app),
    ...[...unused(config, app), ...tracingMistakes(config, routes)].filter(({ path }) => files.isOwn(path)),
  ];
  return mistakes.length === 0 ? undefined : files.error(mistakes);
}

function namesOf({ signals }: BffConfig, routes: readonly Route[], clients: Iterable<OperationModule>): Named {
  const plans = new Map<string, Set<string>>();
  const upstreams = new Map<string, Map<string, NamedOperation>>();
  const operationsOf = (upstream: string) => tableOf(upstreams, upstream, () => new Map<string, NamedOperation>());
  for (const { screen } of routes) {
    if (screen === undefined) continue;
    const calls = tableOf(plans, screen.plan.name, () => new Set<string>());
    for (const { name, node } of screen.plan.parts) {
      if (node.kind !== 'step') calls.add(name);
      for (const { operation: info, need } of callsOf(node)) {
        const known = operationsOf(info.contract.upstream);
        const writer = known.get(info.id)?.writer ?? (need === 'write' ? screen.plan.name : undefined);
        known.set(info.id, { info, ...(writer !== undefined && { writer }) });
      }
    }
  }
  const screened = new Set(upstreams.keys());
  for (const operations of clients) {
    // The operations that a hand-written class calls are unknown.
    const known = operationsOf(upstreamOf(operations));
    for (const [, info] of operationsIn(operations)) if (!known.has(info.id)) known.set(info.id, { info });
  }
  const rateClasses = new Set([...routes, ...Object.values(signals)].flatMap(({ rateClass }) => rateClass ?? []));
  return { plans, upstreams, screened, rateClasses, unserved: unservedScreens(routes) };
}

function tableOf<T>(tables: Map<string, T>, name: string, make: () => T): T {
  const known = tables.get(name) ?? make();
  tables.set(name, known);
  return known;
}

/** Names that the app needs and the policy lacks. */
function* missing(config: BffConfig, routes: readonly Route[], app: Named): Generator<PolicyMistake> {
  yield* limitMistakes(config, routes);
  for (const { method, path, rateClass, access } of routes) {
    if (rateClass !== undefined && !Object.hasOwn(config.rateClasses, rateClass)) {
      const message = `${method} ${path} has the rate class "${rateClass}", which is not defined here${meant(rateClass, Object.keys(config.rateClasses))}`;
      yield { path: ['rateClasses'], want: 'key', message };
    }
    if (access !== 'public' && config.access === undefined) {
      const message = `${method} ${path} asks for a caller, but this app takes no tokens; add access: { jwt: { issuer, audience, jwks } }`;
      yield { path: ['access'], want: 'key', message };
    }
  }
  yield* servedElsewhere(config, routes);
  yield* secretMistakes(config, routes);
  yield* screensMistakes(config, routes);
  yield* missingClaims(config, routes);
  for (const upstream of app.upstreams.keys()) {
    if (Object.hasOwn(config.upstreams, upstream)) continue;
    const message = `${app.screened.has(upstream) ? 'a screen calls' : 'a class asks for a client of'} the upstream "${upstream}", which has no address here; add ${upstream}: { urls: [...] }`;
    yield { path: ['upstreams'], want: 'key', message };
  }
}

/** Marks of operations that remove something or that a plan writes with, and caches of operations that change something. */
function* wronglySafe(config: BffConfig, app: Named): Generator<PolicyMistake> {
  for (const [upstream, { cache, operations }] of Object.entries(config.upstreams)) {
    for (const id of Object.keys(cache)) {
      const known = app.upstreams.get(upstream)?.get(id);
      const isRead = known === undefined || (known.writer === undefined && isSafe(known.info));
      if (isRead || operations[id]?.safe === true) continue;
      const message = `"${id}" is a ${known.info.method}, and only reads are cached; where it only reads, write operations: { ${id}: { safe: true } }`;
      yield { path: ['upstreams', upstream, 'cache', id], want: 'key', message };
    }
    for (const [id, { safe }] of Object.entries(operations)) {
      const known = safe === true ? app.upstreams.get(upstream)?.get(id) : undefined;
      if (known === undefined) continue;
      const { info, writer } = known;
      const path = ['upstreams', upstream, 'operations', id, 'safe'];
      if (removingMethods.has(info.method))
        yield { path, want: 'key', message: `"${id}" is a ${info.method}, which removes something; take the mark out` };
      else if (writer !== undefined)
        yield {
          path,
          want: 'key',
          message: `the plan "${writer}" calls "${id}" with write(...); run "npx frontage upstream update --stored ${upstream}", then call it with required(...) or optional(...)`,
        };
    }
  }
}

/** Claims that a plan reads of its caller and the policy does not give. */
function* missingClaims({ access }: BffConfig, routes: readonly Route[]): Generator<PolicyMistake> {
  if (access === undefined) return;
  const plans = new Set(routes.flatMap(({ screen }) => screen?.plan ?? []));
  for (const [path, { claims }] of claimSourcesOf(access)) yield* missingClaimsOf(path, claims, plans);
}

function* missingClaimsOf(
  path: readonly string[],
  claims: Readonly<Record<string, { readonly required: boolean }>>,
  plans: ReadonlySet<AnyScreen['plan']>,
): Generator<PolicyMistake> {
  for (const plan of plans) {
    const needed = new Set(requiredInputs(plan).map(({ text }) => text));
    const read = inputReads(plan, 'caller').flatMap(([first, name]) =>
      first === 'claims' && name !== undefined ? [name] : [],
    );
    for (const name of new Set(read)) {
      const rule = Object.hasOwn(claims, name) ? claims[name] : undefined;
      if (rule === undefined) {
        const message = `the plan "${plan.name}" reads the claim "${name}" of its caller, which is not named here${meant(name, Object.keys(claims), `; add ${name}: { kind: text }`)}`;
        yield { path: [...path, 'claims'], want: 'key', message };
      } else if (!rule.required && needed.has(`caller.claims.${name}`)) {
        const message = `a call of the plan "${plan.name}" needs the claim "${name}" of its caller; write required: true`;
        yield { path: [...path, 'claims', name], want: 'key', message };
      }
    }
  }
}

/** Rules of the policy for names that the app does not have. */
function* unused(config: BffConfig, app: Named): Generator<PolicyMistake> {
  const key = (path: readonly string[], message: string): PolicyMistake => ({ path, want: 'key', message });
  const calledBy = (upstream: string) => app.unserved.find(({ upstreams }) => upstreams.has(upstream));
  for (const block of ['slo', 'screens'] as const)
    for (const plan of Object.keys(config[block]))
      if (!app.plans.has(plan))
        yield key([block, plan], `no screen of this app has the plan "${plan}"${meant(plan, [...app.plans.keys()])}`);
  for (const [at, plan] of config.incidents?.screens.entries() ?? [])
    if (!app.plans.has(plan))
      yield {
        path: ['incidents', 'screens', at],
        want: 'value',
        message: `no screen of this app has the plan "${plan}"${meant(plan, [...app.plans.keys()])}`,
      };
  for (const [plan, { calls }] of Object.entries(config.plans)) {
    const known = app.plans.get(plan);
    if (known === undefined) {
      const forgotten = app.unserved.find((one) => one.plan === plan);
      const missing = `no screen of this app has the plan "${plan}"${meant(plan, [...app.plans.keys()])}`;
      yield key(['plans', plan], forgotten?.reason ?? missing);
      continue;
    }
    for (const call of Object.keys(calls)) {
      if (!known.has(call))
        yield key(['plans', plan, 'calls', call], `the plan "${plan}" has no call "${call}"${meant(call, [...known])}`);
    }
  }
  for (const screen of Object.keys(config.budgets.screens)) {
    if (app.plans.has(screen)) continue;
    const mistake = `no screen of this app has the plan "${screen}"${meant(screen, [...app.plans.keys()])}`;
    yield key(['budgets', 'screens', screen], mistake);
  }
  for (const [upstream, { cache, operations }] of Object.entries(config.upstreams)) {
    const known = app.upstreams.get(upstream);
    if (known === undefined) {
      const forgotten = calledBy(upstream);
      if (forgotten !== undefined) {
        yield key(['upstreams', upstream], `no route calls the upstream "${upstream}": ${forgotten.reason}`);
        continue;
      }
      const others = [...app.upstreams.keys()].filter((name) => !Object.hasOwn(config.upstreams, name));
      yield key(
        ['upstreams', upstream],
        `no screen of this app calls the upstream "${upstream}"${meant(upstream, others, '; remove it')}`,
      );
      continue;
    }
    for (const [block, ids] of [
      ['cache', Object.keys(cache)],
      ['operations', Object.keys(operations)],
    ] as const) {
      for (const id of ids) {
        if (known.has(id)) continue;
        const forgotten = app.unserved.find(({ operations }) => operations.has(`${upstream}.${id}`));
        if (forgotten !== undefined)
          yield key(['upstreams', upstream, block, id], `no route calls "${id}" of "${upstream}": ${forgotten.reason}`);
        else
          yield key(
            ['upstreams', upstream, block, id],
            `no screen of this app calls "${id}" of "${upstream}"${meant(id, [...known.keys()])}`,
          );
      }
    }
  }
  // An API key, and a caller with a certificate, can name each of them as its quota.
  if ((config.access?.apiKeys ?? config.access?.certificate) !== undefined) return;
  for (const name of Object.keys(config.rateClasses)) {
    if (!app.rateClasses.has(name))
      yield key(
        ['rateClasses', name],
        `no route of this app has the rate class "${name}"${meant(name, [...app.rateClasses], '; remove it')}`,
      );
  }
}

/** The name that was probably meant; else all there are. */
function meant(found: string, known: readonly string[], otherwise?: string): string {
  const near = nearest(found, known);
  if (near !== undefined) return `; did you mean "${near}"?`;
  return otherwise ?? `; there ${known.length === 0 ? 'is none' : `are ${known.join(', ')}`}`;
}
