import { isDeepStrictEqual } from 'node:util';
import type { AppName, Asked } from './world.js';

export interface Page {
  readonly app: AppName;
  readonly path: string;
  /** Of its plan, or of the policy. */
  readonly deadlineMs: number;
  /** A failing optional upstream never makes it fail. */
  readonly survives: boolean;
}

export const pages: readonly Page[] = [
  { app: 'mobile', path: '/home', deadlineMs: 600, survives: true },
  { app: 'web', path: '/home', deadlineMs: 1_200, survives: true },
  { app: 'partner', path: '/v1/orders', deadlineMs: 3_000, survives: true },
  { app: 'partner', path: '/v1/products', deadlineMs: 5_000, survives: true },
];

/** Problems that a page may have while an upstream that it needs is ill. */
const permitted: ReadonlySet<unknown> = new Set([
  'GW_UPSTREAM_FAILED',
  'GW_UPSTREAM_BAD_PAYLOAD',
  'GW_UPSTREAM_OPEN_CIRCUIT',
  'GW_UPSTREAM_TIMEOUT',
  'GW_DEADLINE_EXCEEDED',
  'GW_OVERLOADED',
]);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values of the whole page, or nothing in their place; never other ones. */
function isPartOf(part: unknown, whole: unknown): boolean {
  if (part === null || isDeepStrictEqual(part, whole)) return true;
  if (Array.isArray(part)) {
    if (!Array.isArray(whole)) return part.length === 0;
    return part.every((item) => whole.some((one) => isPartOf(item, one)));
  }
  if (!isRecord(part) || !isRecord(whole)) return false;
  return Object.entries(part).every(([name, value]) => Object.hasOwn(whole, name) && isPartOf(value, whole[name]));
}

/** @returns what is wrong with a response, or undefined */
export function wrongWith({ status, body }: Asked, whole: Asked['body'], mustSurvive: boolean): string | undefined {
  if (status === 200) {
    const { _parts: parts, ...page } = body;
    if (parts === undefined ? isDeepStrictEqual(page, whole) : isPartOf(page, whole)) return undefined;
    return `another page than the whole one: ${JSON.stringify(body).slice(0, 300)}`;
  }
  if (mustSurvive && body['code'] !== 'GW_OVERLOADED')
    return `${status} ${String(body['code'])} though only optional upstreams were ill`;
  return permitted.has(body['code']) && !JSON.stringify(body).includes('127.0.0.1')
    ? undefined
    : `${status} ${JSON.stringify(body).slice(0, 300)}`;
}
