export { clientAddress, trustedProxies, type TrustedProxies } from './client-address.js';
export { RateClass, rateClassOf } from './rate-class.decorator.js';
export { RateLimiter, type CompiledRateClass, type RateCheck, type RateLimit } from './rate-limiter.js';
export { ThrottlingModule, type ThrottlingOptions } from './throttling.module.js';
