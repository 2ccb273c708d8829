import type {
  CacheDescription,
  AttemptsDescription,
  CarriageDescription,
  HedgeDescription,
  RetryDescription,
} from './app-description.js';
import { duration } from './plan-view.js';

const usualRetryOn = '5xx, connect, reset';

export function retryText({ attempts, retryOn = [] }: RetryDescription): string {
  const on = retryOn.join(', ');
  return `${attempts} attempts${on === '' || on === usualRetryOn ? '' : `, on ${on}`}`;
}

export function limitsText({ breaker, concurrency }: AttemptsDescription): string | undefined {
  const { mode = 'enforce', failureRatio = 0 } = breaker ?? {};
  const percent = `${Math.round(failureRatio * 100)} %`;
  const texts = [
    breaker &&
      { enforce: `breaker at ${percent}`, throttle: 'throttled by failures', observe: 'breaker observes' }[mode],
    concurrency === undefined
      ? undefined
      : typeof concurrency === 'number'
        ? `${concurrency} calls at once`
        : `${concurrency.adaptive.min} to ${concurrency.adaptive.max} calls at once, by its latency`,
  ].filter((text) => text !== undefined);
  return texts.length === 0 ? undefined : texts.join(', ');
}

/** `30s, 10m more while it is loaded anew, per caller` */
export const cacheText = ({
  ttlMs,
  staleWhileRevalidateMs,
  staleIfErrorMs,
  negativeMs,
  scope = 'caller',
  tags = [],
  vary,
}: CacheDescription): string =>
  [
    ttlMs === undefined ? 'as its upstream says' : duration(ttlMs),
    staleWhileRevalidateMs === undefined
      ? undefined
      : `${duration(staleWhileRevalidateMs)} more while it is loaded anew`,
    staleIfErrorMs === undefined ? undefined : `${duration(staleIfErrorMs)} more where the call fails`,
    negativeMs === undefined ? undefined : `${duration(negativeMs)} for a 404`,
    { caller: 'per caller', tenant: 'per tenant', public: 'shared by all callers' }[scope],
    tags.length === 0 ? undefined : `tagged ${tags.join(' and ')}`,
    vary === undefined ? undefined : `by ${Object.keys(vary).join(' and ') || 'no field of the request'}`,
  ]
    .filter((text) => text !== undefined)
    .join(', ');

export const hedgeText = ({ afterMs, quantile = 0.95 }: HedgeDescription): string =>
  afterMs === undefined ? `p${Math.round(quantile * 100)} of its latency` : duration(afterMs);

/** @returns undefined for the transport that most upstreams have */
export function carriageText({ transport = 'direct', protocol, proxy }: CarriageDescription): string | undefined {
  if (transport === 'direct') return undefined;
  return [transport, protocol === 'h2' ? 'HTTP/2' : undefined, proxy === undefined ? undefined : 'through a proxy']
    .filter((text) => text !== undefined)
    .join(', ');
}

/** @returns undefined for a single address */
export function addressesText({ urls = [], balance = {} }: CarriageDescription): string | undefined {
  if (urls.length < 2) return undefined;
  const groups = Object.keys(balance.groups ?? {});
  return `${urls.length} addresses, by ${balance.by ?? 'least-requests'}${groups.length === 0 ? '' : `, in the groups ${groups.join(', ')}`}`;
}
