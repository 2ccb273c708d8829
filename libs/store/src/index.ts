export { storeNamespace, storePurposes, type StoreKey, type StoreNamespace, type StorePurpose } from './store-key.js';
export { StoreAddressError, StoreDownError } from './store.errors.js';
export { RedisStore } from './redis-store.js';
export type { RedisStoreOptions } from './redis-store.options.js';
export type { StoreTable } from './store-table.js';
export { storeScript, type StoreScript } from './store-script.js';
export type { StoreRecords } from './store-records.js';
export type { StoreStream, StreamEntry, StreamListener } from './store-stream.js';
