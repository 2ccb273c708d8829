export { cacheKey, type Asker, type CacheScope } from './cache-key.js';
export type { CachedOperation, CachedOperationOptions } from './cached-operation.js';
export type { Invalidated, Mark } from './invalidation/marks.js';
export { invalidatedByRequest, type InvalidationRequest } from './invalidation/requests.js';
export type { TagsOf } from './invalidation/tag-template.js';
export { OperationCache, type OperationCacheOptions } from './operation-cache.js';
export { ownCacheOf, type OwnCache, type OwnCacheSource } from './shared/own-cache.js';
export { SingleFlight, type Load, type Waiter } from './single-flight.js';
export { decodeRecord, encodeRecord } from './shared/record.js';
