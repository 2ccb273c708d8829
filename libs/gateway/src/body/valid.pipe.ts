import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { compileInput, type InputSchema } from './input.js';

/** The name of a group in the pointers of a problem. */
const groups: Readonly<Partial<Record<ArgumentMetadata['type'], string>>> = {
  body: 'body',
  query: 'query',
  param: 'path',
};

/** Nest gives an empty group as none on some platforms. */
const undefinedOf = (type: ArgumentMetadata['type']): object | undefined =>
  type === 'query' || type === 'param' ? {} : undefined;

/**
 * Validates a parameter of a hand-written handler by a Standard Schema: `@Body(valid(inputOf(orders.createOrder))) body: NewOrder`. The handler
 * gets what the schema makes of the value, as a screen does.
 * @throws ProblemError `GW_INVALID_INPUT` with a JSON Pointer for each mistake
 */
export function valid(schema: InputSchema): PipeTransform {
  const checks = new Map<string, ReturnType<typeof compileInput>>();
  return {
    transform(value: unknown, { type }: ArgumentMetadata): unknown {
      const group = groups[type] ?? 'input';
      let check = checks.get(group);
      if (check === undefined) checks.set(group, (check = compileInput({ [group]: schema })));
      // A parameter that the client left out is its mistake, not one of the handler.
      return check({ [group]: value ?? undefinedOf(type) })[group];
    },
  };
}
