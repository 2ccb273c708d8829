import type { ParameterSpec } from '@frontage/core';
import { schemaMapIn, textsIn, type SchemaObject } from '../schema/schema-reading.js';
import type { Schema, SchemaIssue, SchemaResult } from '../model/schema.js';

/** An input that is made of a contract: its check returns at once, and it says its schema. */
export interface JoinablePart {
  readonly '~standard': {
    readonly validate: (value: unknown) => SchemaResult<unknown>;
    readonly jsonSchema: { readonly input: () => SchemaObject };
  };
}

/** The members of several inputs, such as parameters of two operations. A name that several have fits the schemas of all. */
export class JoinedInput implements Schema<never> {
  readonly '~standard': Schema<never>['~standard'] & {
    readonly version: 1;
    readonly vendor: 'frontage';
    readonly jsonSchema: { readonly input: () => SchemaObject; readonly output: () => SchemaObject };
  };
  readonly #parts: readonly JoinablePart[];

  /** @param parameters of all parts, with the styles of their contracts */
  constructor(
    parts: readonly JoinablePart[],
    readonly parameters: readonly ParameterSpec[],
  ) {
    this.#parts = parts;
    const document = joinedDocument(parts.map((part) => part['~standard'].jsonSchema.input()));
    this['~standard'] = {
      version: 1,
      vendor: 'frontage',
      validate: (value) => this.#validate(value),
      jsonSchema: { input: () => document, output: () => document },
    };
  }

  #validate(sent: unknown): SchemaResult<never> {
    const members: [string, unknown][] = [];
    const issues: SchemaIssue[] = [];
    for (const part of this.#parts) {
      const result = part['~standard'].validate(sent);
      if (result.issues !== undefined) issues.push(...result.issues);
      else if (typeof result.value === 'object' && result.value !== null) members.push(...Object.entries(result.value));
    }
    // The schemas are the type: both are made from the contracts.
    return issues.length > 0 ? { issues } : { value: Object.fromEntries(members) as never };
  }
}

function joinedDocument(documents: readonly SchemaObject[]): SchemaObject {
  const properties = new Map<string, unknown[]>();
  for (const document of documents)
    for (const [name, schema] of schemaMapIn(document, 'properties'))
      properties.set(name, [...(properties.get(name) ?? []), schema]);
  const definitions = Object.fromEntries(documents.flatMap((one) => [...schemaMapIn(one, '$defs')]));
  return {
    type: 'object',
    required: [...new Set(documents.flatMap((one) => textsIn(one, 'required')))],
    properties: Object.fromEntries(
      [...properties].map(([name, [only, ...others]]) => [
        name,
        others.length === 0 ? only : { allOf: [only, ...others] },
      ]),
    ),
    ...(Object.keys(definitions).length > 0 && { $defs: definitions }),
  };
}
