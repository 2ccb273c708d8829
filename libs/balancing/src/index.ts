export { AddressBalancer } from './address-balancer.js';
export type { AddressBalancerOptions, AddressReport, BalancerDependencies, Choice } from './address-balancer.js';
export type { BalancedAddress, BalancedTarget } from './addresses/balanced-address.js';
export type { HealthThresholds } from './addresses/health-streak.js';
export type {
  BalanceOptions,
  BalanceRule,
  EjectionOptions,
  SuccessRateOptions,
} from './addresses/balancing.options.js';
export { NameError } from './names/name-error.js';
export { NameResolver } from './names/name-resolver.js';
export type { NameOptions } from './names/names.options.js';
