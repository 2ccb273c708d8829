import type { JsonSchema } from '@frontage/core';
import type { OperationDescription, OperationsDescription } from './operation-description.js';
import { referencesOf } from '../schema/schema-references.js';

/** The same contract with only some of its operations, and the schemas that these need. */
export function selectOperations<Contract extends OperationsDescription>(
  contract: Contract,
  isWanted: (operation: OperationDescription) => boolean,
): Contract {
  const operations = contract.operations.filter(isWanted);
  return { ...contract, operations, schemas: schemasOf(operations, contract.schemas) };
}

/** The schemas that operations refer to, directly or not, in their original order. */
export function schemasOf(
  operations: readonly OperationDescription[],
  all: ReadonlyMap<string, JsonSchema>,
): ReadonlyMap<string, JsonSchema> {
  const pending = operations.flatMap(({ parameters, inputs, body, responses }) => {
    const media = [...(body?.media ?? []), ...responses.flatMap((response) => response.media)];
    const named = media.flatMap(({ schemaName }) => schemaName ?? []);
    const headers = responses.flatMap((response) => response.headers ?? []);
    const referred = [...parameters, ...media, ...headers].flatMap(({ schema = true }) => [...referencesOf(schema)]);
    return [...Object.values(inputs), ...named, ...referred];
  });
  const reached = new Set(pending);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    for (const next of referencesOf(all.get(name) ?? true)) {
      if (!reached.has(next)) pending.push(next);
      reached.add(next);
    }
  }
  return new Map([...all].filter(([name]) => reached.has(name)));
}
