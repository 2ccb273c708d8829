export { brokenUses, usersOf } from './compare/check-document.js';
export { prunedDocument, type OperationUse } from './compare/pruned-document.js';
