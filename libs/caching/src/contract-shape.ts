import { hash } from 'node:crypto';
import type { OperationInfo } from '@frontage/core';

const references = '#/components/schemas/';

/**
 * A digest of what the contract says about the responses of an operation: their media, their headers, and all schemas that they lead to. It is
 * part of each key, so that an app with another contract finds nothing that was written with this one. A change of the contract that
 * does not touch the operation leaves it as it is.
 */
export function contractShape({ contract, method, path, responses, headers = [] }: OperationInfo): string {
  const schemas = new Map<string, unknown>();
  const pending: unknown[] = responses.map(({ schema }) => ({ $ref: `${references}${schema ?? ''}` }));
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null) continue;
    for (const [keyword, value] of Object.entries(next)) {
      pending.push(value);
      if (keyword !== '$ref' || typeof value !== 'string' || !value.startsWith(references)) continue;
      const name = value.slice(references.length);
      if (schemas.has(name)) continue;
      const schema = contract.schemas.get(name);
      schemas.set(name, schema ?? null);
      pending.push(schema);
    }
  }
  const reached = [...schemas].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return hash('sha256', JSON.stringify([method, path, responses, headers, reached]), 'base64url');
}
