import type { JsonSchema } from '@frontage/core';

/** The parts of the whole document that the description of one part needs. */
export interface DocumentSource {
  /** The node behind a `$ref`, or the node itself. @throws {ContractFault} */
  dereference(node: unknown): unknown;
  /** Converts a schema to JSON Schema 2020-12. @throws {ContractFault} */
  convert(schema: unknown): JsonSchema;
  /** A component of the contract by its name, converted to JSON Schema 2020-12. */
  component(name: string): JsonSchema | undefined;
  /** Makes a name for a schema that has none. */
  reserve(stem: string): string;
  /** @param key the member of `node` that the message is about */
  warn(rule: string, message: string, node: unknown, key?: string): void;
}
