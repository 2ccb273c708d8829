export { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.js';
export { findContracts, type ContractFile } from './contract/contract-files.js';
export type { Behaviour, OperationHandler, OperationRequest, SandboxResponse } from './model/behaviour.js';
export type { CallCount, CallReport, LoggedCall } from './server/call-log.js';
export { ContractSamples } from './contract/contract-samples.js';
export type { Fault } from './server/faults.js';
export type { TokenRequest } from './openid/token-issuer.js';
