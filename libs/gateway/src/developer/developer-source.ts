import type { PartDescription, ScreenDescription } from '@frontage/aggregation';
import { findMember, memberFacts } from '@frontage/aggregation/member-origins';
import { PolicyFiles } from '@frontage/config';
import type { DeveloperSource, EndpointState, PlanNode, UpstreamFacts } from '@frontage/developer-page';
import { isOwn } from '../routes/routes.js';
import type { PageTerms } from './page-terms.js';
import type { GatewayRuntime } from '../runtime/runtime.js';
import { areLocal } from '../screens/scenarios.js';

/**
 * An app as the page for developers knows it.
 * @param url gives the address of the app, once it listens
 */
export function developerSource(
  runtime: GatewayRuntime,
  { sandboxUrl }: PageTerms,
  url: () => string,
): DeveloperSource {
  const { config } = runtime;
  const files = new PolicyFiles(config);
  // Nothing of it changes while the app runs.
  const described = new Map(
    runtime.routes
      .filter(({ route }) => !isOwn(route))
      .map((bound) => [
        `${bound.route.method} ${bound.route.path}`,
        { bound, screen: bound.screen?.compiled.describe() },
      ]),
  );
  const screenAt = (method: string, route: string): ScreenDescription | undefined =>
    described.get(`${method} ${route}`)?.screen;
  const endpoints = [...described.values()].map(({ bound: { route }, screen }): EndpointState => ({
    method: route.method,
    path: route.path,
    handler: `${route.controller.name}.${route.handler}`,
    ...(screen !== undefined && { plan: planOf(screen) }),
  }));
  return {
    app: config.bff,
    environment: config.environment,
    sandboxUrl,
    isLocal: areLocal(config.upstreams),
    clock: runtime.clock,
    url,
    endpoints: () => endpoints,
    upstreams: () => upstreamFacts(runtime, endpoints),
    policy: () => files.values(process.env),
    why: (method, route, member) => {
      const screen = screenAt(method, route);
      const found = screen && findMember(member, screen.origins);
      if (screen === undefined || found === undefined) return undefined;
      return found.origins.map((origin) => memberFacts(screen.parts, config.upstreams, origin, found.below));
    },
    classified: (method, route) => {
      const screen = screenAt(method, route);
      return (
        screen &&
        new Map(
          screen.origins.flatMap(({ member, classification }) =>
            classification === undefined ? [] : [[member, classification] as const],
          ),
        )
      );
    },
  };
}

const planOf = ({ name, source, deadlineMs, parts }: ScreenDescription): EndpointState['plan'] => ({
  name,
  source,
  deadlineMs,
  nodes: Object.entries(parts).map(([part, description]) => nodeOf(part, description)),
});

function nodeOf(name: string, part: PartDescription): PlanNode {
  const { kind, need, upstream, operation, after, timeoutMs, maxCount, fallbacks = [] } = part;
  return {
    name,
    kind,
    ...(need !== undefined && { need }),
    ...(upstream !== undefined && { upstream }),
    ...(operation !== undefined && { operation }),
    after,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(maxCount !== undefined && { maxCount }),
    hasFallback: fallbacks.length > 0,
  };
}

/** Upstreams that policy names and no endpoint calls are left out, as they have no state. */
function upstreamFacts(runtime: GatewayRuntime, endpoints: readonly EndpointState[]): readonly UpstreamFacts[] {
  const nodes = endpoints.flatMap(({ plan }) => plan?.nodes ?? []);
  return runtime.upstreams.used().map((upstream): UpstreamFacts => {
    const { name } = upstream;
    const { calls } = upstream.health();
    const called = nodes.flatMap((node) => (node.upstream === name ? (node.operation ?? []) : []));
    return {
      name,
      urls: runtime.config.upstreams[name]?.urls ?? [],
      operations: [...new Set(called)].toSorted(),
      breakers: upstream.circuits().map(({ operation, state, forced }) => ({
        ...(operation !== undefined && { operation }),
        state,
        isForced: forced !== undefined,
      })),
      ...(calls !== undefined && { places: calls }),
    };
  });
}
