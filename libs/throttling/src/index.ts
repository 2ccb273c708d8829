export { callerKey } from './addresses/caller-key.js';
export { clientAddress, trustedProxies, type TrustedProxies } from './addresses/client-address.js';
export { AddressLists, UnreadableList } from './addresses/address-lists.js';
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
export { MemorySignals } from './signals/memory-signals.js';
export { RedisSignals } from './signals/redis-signals.js';
export { Signals } from './signals/signals.js';
export type { SignalRule } from './signals/signal-rule.js';
export type { WhenDown } from './counts/redis-storage.js';
export type { AdmittedHits, RatePeers } from './counts/rate-store.js';
export { ThrottlerRefusal } from './throttler-bridge.js';
export { ThrottlingModule, type ThrottlingOptions } from './throttling.module.js';
