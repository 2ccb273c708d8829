export {
  Access,
  accessOf,
  Public,
  sourceFileOf,
  type AccessOptions,
  type AccessRule,
} from './rules/access.decorator.js';
export { AccessControl } from './rules/access-control.js';
export { AuthModule } from './auth.module.js';
export type { AuthOptions } from './auth.options.js';
export { bearerOf } from './token/bearer.js';
export { Caller } from './caller.decorator.js';
export type { JwtOptions } from './options/jwt.options.js';
export { refusedToken } from './token/refusals.js';
export { TokenVerifier, type RequestHead } from './verifiers/token-verifier.js';
