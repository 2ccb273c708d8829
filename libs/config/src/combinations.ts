import { checkAccess } from './access/access-combinations.js';
import { checkForwardedCookies } from './access/session-combinations.js';
import { checkBalance } from './resilience/balance-combinations.js';
import { checkCache } from './resilience/cache-combinations.js';
import { checkCarriage } from './resilience/carriage-combinations.js';
import { checkRates } from './resilience/rates-combinations.js';
import { checkResilience, checkTiers } from './resilience/resilience-combinations.js';
import type { BffConfig, UpstreamConfig } from './bff-config.js';
import { checkDoor } from './door/door-combinations.js';
import { checkCredentials } from './credentials/credentials-combinations.js';
import type { Policy } from './schema/bff.schema.js';
import type { ConfigIssue } from './document/config.errors.js';
import type { MappingNode } from './document/document.js';
import { issueOn } from './schema/explain.js';
import { renderDuration, renderSize } from './schema/values/scalars.js';
import { nodeAt, type Path } from './document/tree.js';

/**
 * Finds values that are valid one by one and contradict each other. `written` is the policy as the files have it, before the defaults of
 * upstreams are merged: a value from the defaults is adapted to an upstream, a value that was written for the upstream is refused.
 */
export function impossibleCombinations(config: BffConfig, policy: Policy, written: MappingNode): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const refuse: Refuse = (path, message) => issues.push(issueOn(written, path, 'value', message));
  const has = (path: Path) => nodeAt(written, path) !== undefined;

  checkListen(config, refuse, has);
  checkDoor(config, refuse);
  if (config.access !== undefined) {
    const needs = {
      hasStore: config.redis !== undefined,
      asksForCertificates: config.listen.tls?.clientCertificates !== undefined,
      rateClasses: Object.keys(config.rateClasses),
    };
    checkAccess(config.access, needs, refuse);
  }
  if (config.access?.sessions !== undefined) checkForwardedCookies(config.upstreams, refuse);
  const { headersTimeoutMs, requestTimeoutMs } = config.limits;
  if (headersTimeoutMs > requestTimeoutMs) {
    refuse(
      ['limits', has(['limits', 'headersTimeout']) ? 'headersTimeout' : 'requestTimeout'],
      `headersTimeout (${renderDuration(headersTimeoutMs)}) is longer than requestTimeout (${renderDuration(requestTimeoutMs)}), which it is part of`,
    );
  }
  const { sendIdleTimeoutMs, sendTimeoutMs } = config.limits;
  if (sendIdleTimeoutMs > sendTimeoutMs) {
    refuse(
      ['limits', has(['limits', 'sendIdleTimeout']) ? 'sendIdleTimeout' : 'sendTimeout'],
      `sendIdleTimeout (${renderDuration(sendIdleTimeoutMs)}) is longer than sendTimeout (${renderDuration(sendTimeoutMs)}), which ends before`,
    );
  }
  const { maxBodyBytes, maxFileBytes } = config.limits.multipart;
  if (maxFileBytes > maxBodyBytes && has(['limits', 'multipart', 'maxFile'])) {
    refuse(
      ['limits', 'multipart', 'maxFile'],
      `maxFile (${renderSize(maxFileBytes)}) is more than maxBody (${renderSize(maxBodyBytes)}), which it is part of`,
    );
  }
  checkRates(config, policy, refuse);
  checkPriorities(config, refuse);
  checkDeadlines(config, refuse);
  checkDns(config, refuse, has);
  checkTiers(config.tiers, config.access, refuse);
  for (const [name, upstream] of Object.entries(config.upstreams)) {
    checkUpstream(config, name, upstream, refuse, has);
    const own = policy.upstreams[name];
    if (own !== undefined) {
      checkBalance(['upstreams', name], own, countOf(config.listen.trustedProxies), refuse, has);
      checkCarriage(['upstreams', name], own, upstream, refuse, has);
    }
    const connectTimeoutMs = own?.connectTimeout ?? 0;
    const path = ['upstreams', name, 'connectTimeout'];
    if (connectTimeoutMs > upstream.timeoutMs && has(path)) {
      refuse(
        path,
        `${renderDuration(connectTimeoutMs)} is longer than the timeout (${renderDuration(upstream.timeoutMs)}), which it is part of`,
      );
    }
  }
  return issues;
}

/** A header by which a request chooses addresses is believed where nobody but our proxies connects, which a number says. */
const countOf = (proxies: number | readonly string[]): number => (typeof proxies === 'number' ? proxies : 0);

type Refuse = (path: Path, message: string) => void;
type Has = (path: Path) => boolean;

function checkListen({ listen }: BffConfig, refuse: Refuse, has: Has): void {
  if (listen.adminPort > 65_535) {
    refuse(['listen', 'port'], `the admin port would be ${listen.adminPort}, which is no port; state "adminPort"`);
  }
  if (listen.port !== 0 && listen.port === listen.adminPort) {
    refuse(
      ['listen', has(['listen', 'adminPort']) ? 'adminPort' : 'port'],
      `port and adminPort are both ${listen.port}; they must differ`,
    );
  }
  const { minVersion, ciphers } = listen.tls ?? {};
  if (minVersion === 'TLSv1.3' && ciphers !== undefined && !ciphers.some((name) => name.startsWith('TLS_')))
    refuse(
      ['listen', 'tls', 'ciphers'],
      'none of these is a suite of TLSv1.3, the only version that is accepted here; write names that begin with TLS_',
    );
}

function checkPriorities({ admission, rateClasses }: BffConfig, refuse: Refuse): void {
  for (const name of Object.keys(admission?.priorities ?? {})) {
    if (!Object.hasOwn(rateClasses, name))
      refuse(['admission', 'priorities', name], `there is no rate class "${name}"; remove it, or add the class`);
  }
}

function checkDeadlines({ deadlineMs, reserveMs, plans }: BffConfig, refuse: Refuse): void {
  const cap = renderDuration(deadlineMs);
  if (reserveMs >= deadlineMs)
    refuse(['reserve'], `reserve (${renderDuration(reserveMs)}) leaves nothing of the deadline (${cap})`);
  for (const [name, plan] of Object.entries(plans)) {
    const path = ['plans', name];
    const own = plan.deadlineMs ?? deadlineMs;
    if (own > deadlineMs)
      refuse([...path, 'deadline'], `${renderDuration(own)} is longer than the deadline of the app (${cap})`);
    if (plan.deadlineMs !== undefined && reserveMs >= own) {
      refuse([...path, 'deadline'], `${renderDuration(own)} is used up by the reserve (${renderDuration(reserveMs)})`);
    }
    for (const [part, { timeoutMs }] of Object.entries(plan.calls)) {
      if (timeoutMs === undefined || timeoutMs <= own) continue;
      const whose = plan.deadlineMs === undefined ? 'of the app' : 'of its plan';
      refuse(
        [...path, 'calls', part, 'timeout'],
        `${renderDuration(timeoutMs)} is longer than the deadline ${whose} (${renderDuration(own)})`,
      );
    }
  }
}

function checkDns({ dns }: BffConfig, refuse: Refuse, has: Has): void {
  if (dns.minTtlMs <= dns.maxTtlMs) return;
  refuse(
    ['dns', has(['dns', 'minTtl']) ? 'minTtl' : 'maxTtl'],
    `minTtl (${renderDuration(dns.minTtlMs)}) is longer than maxTtl (${renderDuration(dns.maxTtlMs)})`,
  );
}

function checkUpstream(config: BffConfig, name: string, upstream: UpstreamConfig, refuse: Refuse, has: Has): void {
  const path = ['upstreams', name];
  const cap = `the deadline of the app (${renderDuration(config.deadlineMs)})`;
  if (upstream.timeoutMs > config.deadlineMs && has([...path, 'timeout'])) {
    refuse([...path, 'timeout'], `${renderDuration(upstream.timeoutMs)} is longer than ${cap}`);
  }
  for (const [id, { timeoutMs = 0 }] of Object.entries(upstream.operations)) {
    if (timeoutMs > config.deadlineMs)
      refuse([...path, 'operations', id, 'timeout'], `${renderDuration(timeoutMs)} is longer than ${cap}`);
  }
  checkResilience(path, upstream, refuse, has);
  checkCache(path, upstream, refuse);
  if (upstream.healthPath !== undefined && !upstream.required) {
    refuse([...path, 'healthPath'], '"healthPath" is not used without "required: true"');
  }
  if (new Set(upstream.urls).size < upstream.urls.length)
    refuse([...path, 'urls'], 'the same address stands twice in this list');
  for (const [scheme, given] of Object.entries(upstream.security)) {
    if ((given.value === undefined) === (given.file === undefined))
      refuse([...path, 'security', scheme], 'takes either "value" (${VARIABLE}) or "file" (a path)');
  }
  checkCredentials(upstream, path, config.userContext !== undefined, refuse);
}
