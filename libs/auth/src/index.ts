export {
  Access,
  accessOf,
  Public,
  sourceFileOf,
  type AccessOptions,
  type AccessRule,
} from './rules/access.decorator.js';
export {
  compileBodyCondition,
  compileConditions,
  requestValues,
  type AccessFacts,
  type CheckBody,
  type OwnerPlace,
} from './rules/conditions.js';
export { AccessControl } from './rules/access-control.js';
export { OpaEngine, type OpaOptions } from './policy/opa-engine.js';
export type { Decision, DecisionInput, PolicyEngine } from './policy/policy-engine.js';
export { AuthModule } from './auth.module.js';
export type { AuthOptions } from './auth.options.js';
export { ApiKeys } from './credentials/api-keys.js';
export { CertificateCallers } from './credentials/certificate-callers.js';
export { callersInFile, certificateRecord, type CertificateCallerRecord } from './credentials/certificate-record.js';
export { keysInFile, keysInTable } from './credentials/key-sources.js';
export {
  certificateOfConnection,
  certificateOfProxy,
  type CertificateReader,
} from './strategies/certificate-reader.js';
export type { IntrospectionOptions } from './options/introspection.options.js';
export { Revocations, type Revocation, type RevocationTable } from './revocation/revocations.js';
export { bearerOf } from './token/bearer.js';
export { Caller } from './caller.decorator.js';
export { dpopChallenge, type JwtOptions } from './options/jwt.options.js';
export { refusedToken } from './token/refusals.js';
export { TokenVerifier, type RequestHead } from './verifiers/token-verifier.js';
