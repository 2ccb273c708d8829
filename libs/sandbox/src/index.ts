export { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.js';
export { findContracts, type ContractFile } from './contract-files.js';
export type { Behaviour, Handler, OperationRequest, Reply } from './behaviour.js';
export type { CallCount, CallReport, LoggedCall } from './call-log.js';
export { ContractSamples } from './contract-samples.js';
export type { Fault } from './faults.js';
export type { TokenRequest } from './token-issuer.js';
