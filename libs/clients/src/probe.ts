import { RequestContext } from '@frontage/context';
import { SchemaTable, type OperationInfo } from '@frontage/core';
import { callStack, type CallPolicy } from './call-stack.js';
import { compileOperation } from './request/compiled-operation.js';
import { ownHeaders } from './policy/secrets.js';
import type { Address } from './policy/address.js';
import { UpstreamRequest } from './request/upstream-request.js';

/** Timeout of a probe, independent of the timeout of calls: readiness needs a result soon. */
const longestMs = 1_500;

/** Statuses of a proxy that does not reach its server. */
const unreached: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Probes an upstream by a safe method (RFC 9110 section 9.2.1), past the breaker and without a retry.
 * @param healthPath path of a `GET` below the base address: 2xx is good. Absent: every response to a `HEAD` of the base address but
 *   502, 503 and 504 is good, since a server that returns 404 or 500 is reached
 * @returns probes all addresses at once; `true` if one of them is good
 */
export function probeOf(name: string, healthPath: string | undefined, policy: CallPolicy): () => Promise<boolean> {
  const known = new Map<Address, () => Promise<void>>();
  return async () => {
    const addresses = policy.discovery?.addresses ?? policy.options.addresses;
    for (const address of known.keys()) if (!addresses.includes(address)) known.delete(address);
    const probes = addresses.map((address) => {
      const probe = known.get(address) ?? probeOfAddress(name, healthPath, address, policy, longestMs);
      known.set(address, probe);
      return probe;
    });
    try {
      await Promise.any(probes.map((probe) => probe()));
      return true;
    } catch {
      return false;
    }
  };
}

/**
 * Probes one address of an upstream.
 * @param mostMs its time, or that of a call if that is less
 * @returns a function whose promise is rejected where the address is not well
 */
export function probeOfAddress(
  name: string,
  healthPath: string | undefined,
  address: Address,
  policy: CallPolicy,
  mostMs: number,
): () => Promise<void> {
  const info: OperationInfo = {
    contract: { upstream: name, title: name, version: '', schemas: new SchemaTable([]) },
    id: 'readiness',
    method: healthPath === undefined ? 'HEAD' : 'GET',
    path: healthPath ?? '/',
    responses: [{ status: 'default' }],
  };
  const { clock, options } = policy;
  const operation = compileOperation(info, address, {
    bigNumbers: 'text',
    wallTime: () => clock.wallTime(),
    credentialHeaders: ownHeaders(options),
  });
  const only = { options: { ...options, addresses: [address], followRedirects: 0 } } as const;
  const send = callStack(operation, undefined, {
    ...policy,
    ...only,
    attempts: undefined,
    circuits: undefined,
    places: undefined,
    limit: undefined,
    addresses: undefined,
    discovery: undefined,
  });
  const isWell = (status: number): boolean =>
    healthPath === undefined ? status !== 0 && !unreached.has(status) : status >= 200 && status < 300;
  return async () => {
    const now = clock.now();
    const timeoutMs = Math.min(mostMs, options.timeoutMs);
    const context = new RequestContext('', now, info.method, '', {});
    const scope = { context, part: '', deadlineAt: now + timeoutMs, cancellation: context.cancellation };
    await send(new UpstreamRequest(operation, {}, scope, now, timeoutMs));
    if (!isWell(context.calls.at(-1)?.status ?? 0)) throw new Error(`${name} is not reached at ${address.origin}`);
  };
}
