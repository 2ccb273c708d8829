export { Access, accessOf, Public, sourceFileOf, type AccessOptions, type AccessRule } from './access.decorator.js';
export { AccessControl } from './access-control.js';
export { AuthModule } from './auth.module.js';
export type { AuthOptions } from './auth.options.js';
export { bearerOf } from './bearer.js';
export { Caller } from './caller.decorator.js';
export type { JwtOptions } from './options/jwt.options.js';
export { refusedToken, TokenVerifier } from './token-verifier.js';
