import type { JsonSchema } from '@frontage/core';

/** What describing a part of a document takes from the whole of it. */
export interface DocumentSource {
  /** The node behind a `$ref`, or the node itself. @throws {Fault} */
  dereference(node: unknown): unknown;
  /** A schema in the one dialect. @throws {Fault} */
  convert(schema: unknown): JsonSchema;
  /** What a component is called in the contract, in the one dialect. */
  component(name: string): JsonSchema | undefined;
  /** A name for a schema that has none. */
  reserve(stem: string): string;
  warn(rule: string, message: string, node: unknown): void;
}
