export { storeNamespace, storePurposes, type StoreKey, type StoreNamespace, type StorePurpose } from './store-key.js';
export { StoreAddressError, StoreDownError } from './store.errors.js';
export { RedisStore, type RedisStoreOptions } from './redis-store.js';
export { storeScript, type StoreScript } from './store-script.js';
