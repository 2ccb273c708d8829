import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@frontage/core';
import type { UpstreamRequest } from './upstream-request.js';
import type { BalanceKey, BalancePolicy, GroupHeader } from '../policy/balance.options.js';

/** The data of a call by which its address is chosen; what policy does not ask for is absent. */
export interface BalanceTerms {
  readonly keyOf: ((request: UpstreamRequest) => string | undefined) | undefined;
  readonly callerOf: ((request: UpstreamRequest) => string) | undefined;
  readonly groupOf: ((request: UpstreamRequest) => string | undefined) | undefined;
}

export function balanceTerms({ by, on, groups, choose }: BalancePolicy, clock: Clock): BalanceTerms {
  return {
    keyOf: by === 'hash' && on !== undefined ? keyOf(on) : undefined,
    callerOf: groups === undefined ? undefined : callerOf,
    groupOf: choose && groupOf(choose, clock),
  };
}

/** Requests without a caller are told apart by their address. */
const callerOf = ({ scope: { context } }: UpstreamRequest): string => context.caller?.subject ?? context.clientAddress;

function keyOf(on: BalanceKey): (request: UpstreamRequest) => string | undefined {
  if (on === 'caller') return callerOf;
  const { path, query, header = '' } = on;
  if (path !== undefined) return ({ args }) => textOf(args.path?.[path]);
  if (query !== undefined) return ({ args }) => textOf(args.query?.[query]);
  const name = header.toLowerCase();
  return ({ scope }) => textOf(scope.context.headers[name]);
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? String(value)
    : undefined;

/** A header that is not signed as it must be counts as none. */
function groupOf({ header, key }: GroupHeader, clock: Clock): (request: UpstreamRequest) => string | undefined {
  return ({ scope }) => {
    const value = scope.context.headers[header];
    if (typeof value !== 'string' || key === undefined) return typeof value === 'string' ? value : undefined;
    return verifiedGroup(value, key, clock.wallTime() / 1_000);
  };
}

function verifiedGroup(value: string, key: string, nowSeconds: number): string | undefined {
  const [, signed = '', group = '', expiry = '', signature = ''] =
    /^(([A-Za-z][\w-]{0,62})\.(\d{1,12}))\.([\w-]{43})$/.exec(value) ?? [];
  const expected = createHmac('sha256', key).update(signed).digest();
  const given = Buffer.from(signature, 'base64url');
  const isGenuine = given.length === expected.length && timingSafeEqual(given, expected);
  return isGenuine && Number(expiry) > nowSeconds ? group : undefined;
}
