export { callerKey } from './addresses/caller-key.js';
export { clientAddress, trustedProxies, type TrustedProxies } from './addresses/client-address.js';
export { InFlightLimit } from './in-flight-limit.js';
export { RateClass, rateClassOf } from './rate-class.decorator.js';
export {
  RateLimiter,
  type CompiledRateClass,
  type LimitUsage,
  type RateCheck,
  type UsageLook,
} from './rate-limiter.js';
export type { RateLimit } from './compiled-limits.js';
export type { WhenDown } from './counts/redis-storage.js';
export type { AdmittedHits, RatePeers } from './counts/rate-store.js';
export { ThrottlingModule, type ThrottlingOptions } from './throttling.module.js';
