/** The parts for a lib that has a kind of credential of its own: a prover behind a Passport strategy. */
export { jwtAlgorithms } from './options/jwt.options.js';
export { Claims } from './token/claims.js';
export { lasting, type Proof, type Prover } from './token/proof.js';
export { refusedToken } from './token/refusals.js';
export type { CredentialPlace } from './strategies/credential-reader.js';
