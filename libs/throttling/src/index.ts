export { clientAddress, trustedProxies, type TrustedProxies } from './client-address.js';
export { InFlightLimit } from './in-flight-limit.js';
export { RateClass, rateClassOf } from './rate-class.decorator.js';
export { RateLimiter, type CompiledRateClass, type RateCheck, type RateLimit } from './rate-limiter.js';
export type { WhenDown } from './counts/redis-storage.js';
export type { AdmittedHits, RatePeers } from './counts/rate-store.js';
export { ThrottlingModule, type ThrottlingOptions } from './throttling.module.js';
