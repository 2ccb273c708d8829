import { callsOf } from '@frontage/aggregation';
import { PolicyFiles, type BffConfig, type ConfigError, type PolicyMistake } from '@frontage/config';
import { nearest } from '@frontage/core';
import type { OperationModule } from '@frontage/clients';
import { operationIds, upstreamOf } from './client-names.js';
import type { Route } from './routes.js';
import { unservedScreens, type UnservedScreen } from './screen-check.js';

/** Names in the app to which a policy may refer. */
interface Named {
  /** Calls by plan. */
  readonly plans: ReadonlyMap<string, ReadonlySet<string>>;
  /** Operations by upstream. */
  readonly upstreams: ReadonlyMap<string, ReadonlySet<string>>;
  /** Those of the upstreams that some screen calls. */
  readonly screened: ReadonlySet<string>;
  readonly rateClasses: ReadonlySet<string>;
  /** Declared, and served by no route. */
  readonly unserved: readonly UnservedScreen[];
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
  const app = namesOf(routes, clients);
  const mistakes = [...missing(config, routes, app), ...unused(config, app).filter(({ path }) => files.isOwn(path))];
  return mistakes.length === 0 ? undefined : files.error(mistakes);
}

function namesOf(routes: readonly Route[], clients: Iterable<OperationModule>): Named {
  const plans = new Map<string, Set<string>>();
  const upstreams = new Map<string, Set<string>>();
  for (const { screen } of routes) {
    if (screen === undefined) continue;
    const calls = tableOf(plans, screen.plan.name);
    for (const { name, node } of screen.plan.parts) {
      if (node.kind !== 'step') calls.add(name);
      for (const { operation } of callsOf(node)) tableOf(upstreams, operation.contract.upstream).add(operation.id);
    }
  }
  const screened = new Set(upstreams.keys());
  for (const operations of clients) {
    // The operations that a hand-written class calls are unknown.
    const known = tableOf(upstreams, upstreamOf(operations));
    for (const id of operationIds(operations)) known.add(id);
  }
  const rateClasses = new Set(routes.flatMap(({ rateClass }) => rateClass ?? []));
  return { plans, upstreams, screened, rateClasses, unserved: unservedScreens(routes) };
}

function tableOf(tables: Map<string, Set<string>>, name: string): Set<string> {
  const known = tables.get(name) ?? new Set();
  tables.set(name, known);
  return known;
}

/** Names that the app needs and the policy lacks. */
function* missing(config: BffConfig, routes: readonly Route[], app: Named): Generator<PolicyMistake> {
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
  for (const upstream of app.upstreams.keys()) {
    if (Object.hasOwn(config.upstreams, upstream)) continue;
    const message = `${app.screened.has(upstream) ? 'a screen calls' : 'a class asks for a client of'} the upstream "${upstream}", which has no address here; add ${upstream}: { urls: [...] }`;
    yield { path: ['upstreams'], want: 'key', message };
  }
}

/** Rules of the policy for names that the app does not have. */
function* unused(config: BffConfig, app: Named): Generator<PolicyMistake> {
  const key = (path: readonly string[], message: string): PolicyMistake => ({ path, want: 'key', message });
  const calledBy = (upstream: string) => app.unserved.find(({ upstreams }) => upstreams.has(upstream));
  for (const [plan, { calls }] of Object.entries(config.plans)) {
    const known = app.plans.get(plan);
    if (known === undefined) {
      const forgotten = app.unserved.find((one) => one.plan === plan);
      if (forgotten !== undefined) {
        yield key(['plans', plan], forgotten.reason);
        continue;
      }
      yield key(['plans', plan], `no screen of this app has the plan "${plan}"${meant(plan, [...app.plans.keys()])}`);
      continue;
    }
    for (const call of Object.keys(calls)) {
      if (!known.has(call))
        yield key(['plans', plan, 'calls', call], `the plan "${plan}" has no call "${call}"${meant(call, [...known])}`);
    }
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
            `no screen of this app calls "${id}" of "${upstream}"${meant(id, [...known])}`,
          );
      }
    }
  }
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
