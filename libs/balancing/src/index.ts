export { AddressBalancer } from './address-balancer.js';
export { NameError } from './names/name-error.js';
export { NameResolver } from './names/name-resolver.js';
export type { NameOptions } from './names/names.options.js';
