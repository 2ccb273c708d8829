import type { ConnectionReport } from './transports/transport.js';
import type { AddressReport } from '@frontage/balancing';
import type { BreakerState, ForcedState } from '@frontage/breaker';
import type { OperationCache } from '@frontage/caching';
import { isSafe, markSafe, type Clock, type OperationInfo } from '@frontage/core';
import { keptReader } from './decode/decode-json.js';
import { lenienceOf } from './decode/lenience.js';
import { ContractValidators } from './decode/response-check.js';
import type { BoundOperation, ExecutorOptions } from './bound-operation.js';
import { StreamedBody } from './encode/body-content.js';
import { afterLoading, callStack, type CallPolicy } from './call-stack.js';
import { balancerOf } from './policy/balancers.js';
import type { CircuitReport } from './policy/circuits.js';
import { keptFieldsOf } from './followed/followed-options.js';
import { keepingOf, keptByRow } from './followed/keeping.js';
import { compileOperation, type GroupField } from './request/compiled-operation.js';
import { EncodeError } from './encode/encode-value.js';
import { notEncodable } from './failures/failures.js';
import type { LineLimits } from './request/lines.js';
import type { HealthChecks } from './health-checks.js';
import { probeOf } from './probe.js';
import { ownHeaders, requiredSecrets } from './policy/secrets.js';
import { ownAddressesOf } from './policy/operation-addresses.js';
import type { UpstreamOptions } from './policy/upstream.options.js';
import { performStreamed } from './request/streamed-request.js';
import { refusingInexact } from './request/inexact-values.js';
import { UpstreamRequest, type Stage } from './request/upstream-request.js';
import { groupsInvalidated, groupsOfRead, groupsOfWrite, invalidates } from './stages/cache.stage.js';
import { upstreamParts } from './upstream-parts.js';
import type { Upstream, UpstreamDependencies, UpstreamHealth } from './upstream-api.js';

/**
 * @throws RangeError or TypeError for options that make no sense, naming upstream and option
 */
export function createUpstream(name: string, options: UpstreamOptions, deps: UpstreamDependencies): Upstream {
  const { policy, checks } = upstreamParts(name, options, deps);
  return new BoundUpstream(name, policy, checks, deps);
}

class BoundUpstream implements Upstream {
  readonly name: string;
  readonly clock: Clock;
  readonly lineLimits: LineLimits;
  readonly #policy: CallPolicy;
  readonly #cache: OperationCache | undefined;
  readonly #validators = new ContractValidators();
  /** By operation id, of those that are not served at the addresses of the upstream. */
  readonly #elsewhere = new Map<string, CallPolicy>();
  readonly #random: (() => number) | undefined;
  readonly #checks: HealthChecks | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    name: string,
    policy: CallPolicy,
    checks: HealthChecks | undefined,
    { cache, random }: UpstreamDependencies,
  ) {
    this.name = name;
    this.clock = policy.clock;
    this.lineLimits = { maxLineBytes: policy.options.maxBodyBytes, bigNumbers: policy.options.bigNumbers };
    this.#policy = policy;
    this.#cache = cache;
    this.#random = random;
    this.#checks = checks;
  }

  executor(
    called: OperationInfo,
    {
      timeoutMs,
      need,
      download = false,
      readBody,
      judgesNumbers = false,
      renews = false,
      rows,
      invalidates = [],
    }: ExecutorOptions = {},
  ): BoundOperation {
    const info = this.#marked(called);
    const policy = this.#policyOf(info);
    const { options, clock } = policy;
    const boundMs = this.#limit(
      info,
      'timeoutMs',
      timeoutMs ?? options.operations?.[info.id]?.timeoutMs ?? options.timeoutMs,
    );
    const isKept = !download && options.cache?.[info.id] !== undefined;
    const numbers = judgesNumbers && options.bigNumbers === 'reject' ? 'judge_when_read' : options.bigNumbers;
    const projects = this.whyParsed() === undefined ? readBody : undefined;
    const groupField = this.#groupField(info, isKept);
    // The groups are those of a whole response.
    const byRow = isKept && groupField === undefined ? keptByRow(rows, options.cache[info.id], clock) : undefined;
    const keep = isKept && byRow === undefined ? keptReader(numbers, projects) : undefined;
    const operation = compileOperation(info, options.addresses[0], {
      groupField,
      bigNumbers: numbers,
      wallTime: () => clock.wallTime(),
      credentialHeaders: ownHeaders(options),
      secrets: requiredSecrets(info, options),
      keptFields: keptFieldsOf(info, options.cache),
      lenience: lenienceOf(info, options.operations?.[info.id]?.lenient ?? options.lenient ?? []),
      ...(options.validate === 'off' ? undefined : { check: this.#validators.check(info, options.validate) }),
      readBody: projects,
      keep,
    });
    const kept = keepingOf(this.#cache, operation, options, byRow ?? (keep && { reader: keep, renews }));
    const stages = callStack(operation, kept, policy, need);
    const grouped = groupField === undefined || operation.isSafe ? stages : groupsInvalidated(stages);
    const calls = this.#invalidating(info, invalidates)(grouped);
    // A caller that judges numbers itself may have put into the cache what others cannot read.
    const stack = kept === undefined || !operation.isSafe || judgesNumbers ? calls : refusingInexact(calls);
    const perform = options.validate === 'off' ? stack : afterLoading(this.#validators.load(info), stack);
    return (args, scope, limits) => {
      let request: UpstreamRequest;
      try {
        const limitMs = limits?.timeoutMs === undefined ? boundMs : this.#limit(info, 'timeoutMs', limits.timeoutMs);
        const idleMs = download
          ? this.#limit(info, 'idleTimeoutMs', limits?.idleTimeoutMs ?? options.timeoutMs)
          : undefined;
        request = new UpstreamRequest(operation, args, scope, clock.now(), limitMs, idleMs);
      } catch (error) {
        // The only place where arguments are written: what they cannot say becomes an outcome here.
        return error instanceof EncodeError ? Promise.resolve(notEncodable(error.message)) : Promise.reject(error);
      }
      const content = request.body?.content;
      return content instanceof StreamedBody ? performStreamed(request, content, perform) : perform(request);
    };
  }

  whyParsed(): string | undefined {
    return this.#policy.options.validate === 'off' ? undefined : 'it is held against its contract';
  }

  isRead(info: OperationInfo): boolean {
    return isSafe(this.#marked(info));
  }

  #marked(info: OperationInfo): OperationInfo {
    return this.#policy.options.operations?.[info.id]?.safe === true ? markSafe(info) : info;
  }

  /** Operations that are served elsewhere share everything with the others but their addresses and secrets. */
  #policyOf(info: OperationInfo): CallPolicy {
    const known = this.#elsewhere.get(info.id);
    if (known !== undefined) return known;
    const own = ownAddressesOf(info, this.#policy.options);
    if (own === undefined) return this.#policy;
    this.#policy.carrier.reach(own.addresses);
    const { credentials: _, security: __, ...shared } = this.#policy.options;
    const policy = {
      ...this.#policy,
      options: { ...shared, ...own },
      addresses: balancerOf(this.name, own.addresses, this.#policy.options, {
        clock: this.clock,
        random: this.#random,
      }),
    };
    this.#elsewhere.set(info.id, policy);
    return policy;
  }

  #limit(info: OperationInfo, name: string, ms: number): number {
    if (ms >= 1 && ms < 2 ** 31) return ms;
    throw new RangeError(`${this.name}.${info.id}: ${name} is ${ms}; takes 1 or more`);
  }

  breakerState(): BreakerState | undefined {
    return this.#policy.circuits?.state;
  }

  health(): UpstreamHealth {
    const { circuits, places } = this.#policy;
    return {
      upstream: this.name,
      ...(circuits && { breaker: circuits.state }),
      ...(places && { calls: { active: places.active, queued: places.queued, limit: places.maxConcurrent } }),
    };
  }

  circuits(): readonly CircuitReport[] {
    return this.#policy.circuits?.report() ?? [];
  }

  addresses(): readonly AddressReport[] {
    return this.#policy.addresses?.addresses() ?? [];
  }

  connections(): readonly ConnectionReport[] {
    return this.#policy.carrier.connections();
  }

  panics(): readonly string[] {
    return this.#policy.addresses?.panics() ?? [];
  }

  forceCircuits(operation: string | undefined, state: ForcedState | 'automatic', forMs: number): number {
    return this.#policy.circuits?.force(operation, state, forMs) ?? 0;
  }

  probe(healthPath: string | undefined): () => Promise<boolean> {
    const ask = probeOf(this.name, healthPath, this.#policy);
    return async () => {
      const isWell = await ask();
      if (isWell) this.#policy.circuits?.probeNow();
      return isWell;
    };
  }

  close(): Promise<void> {
    this.#checks?.watch([]);
    this.#policy.discovery?.close();
    this.#closing ??= this.#policy.carrier.close();
    return this.#closing;
  }

  #invalidating(info: OperationInfo, templates: readonly string[]): Stage {
    if (this.#cache === undefined || templates.length === 0) return (next) => next;
    return invalidates(this.#cache, this.#cache.invalidatedTags(templates, info));
  }

  /** Operations that are served elsewhere have no groups: RFC 9875 section 2.1 asks for the same origin. */
  #groupField(info: OperationInfo, isCached: boolean): GroupField | undefined {
    const { cache, cacheGroups = false } = this.#policy.options;
    if (!cacheGroups || cache === undefined || this.#cache === undefined || this.#policyOf(info) !== this.#policy)
      return undefined;
    if (isSafe(info)) return isCached ? groupsOfRead : undefined;
    return groupsOfWrite(this.#cache, this.name);
  }
}
