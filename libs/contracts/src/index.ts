export { readContract, type ContractDocument, type ReadContractOptions } from './read-contract.js';
export { joinOverlays } from './overlay/join-overlays.js';
export type { OverlaySource } from './overlay/read-overlay.js';
export { ContractError, formatLocation, type ContractWarning, type Location } from './document/location.js';
export {
  operationInfo,
  successHeaders,
  type HeaderDescription,
  type BodyDescription,
  type MediaDescription,
  type OperationDescription,
  type ParameterDescription,
  type RefusedOperation,
  type ResponseDescription,
} from './describe/operation-description.js';
export { toTypeName } from './describe/operation-names.js';
export { isFormMedia, isJsonMedia, isTextMedia } from './content/media-types.js';
export type { MessageKind } from './compare/compare-schemas.js';
export { unsafePattern } from './patterns/pattern-safety.js';
export { mapSubschemas, referencedName, referencesOf } from './schema/schema-references.js';
export { selectOperations } from './describe/select-operations.js';
