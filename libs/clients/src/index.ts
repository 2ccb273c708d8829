export type { Contract, Operation } from '@frontage/core';
export { SchemaTable } from '@frontage/core';
