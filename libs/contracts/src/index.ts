export { readContract, type ContractDocument, type ReadContractOptions } from './read-contract.js';
export { ContractError, formatLocation, type ContractWarning, type Location } from './location.js';
export {
  operationInfo,
  type BodyDescription,
  type MediaDescription,
  type OperationDescription,
  type RefusedOperation,
  type ResponseDescription,
} from './operation-description.js';
export type { ParameterDescription } from './parameters.js';
export { toTypeName } from './operation-names.js';
export { isFormMedia, isJsonMedia, isTextMedia } from './media-types.js';
export { unsafePattern } from './pattern-safety.js';
export { mapSubschemas, referencedName, referencesOf } from './schema-references.js';
export { selectOperations } from './select-operations.js';
