import { compileScreen, plan, required, screen, write, type CompiledScreen, type Screen } from '@frontage/aggregation';
import type { Operation } from '@frontage/clients';
import { RequestContext, type BodyReader } from '@frontage/context';
import type { CallArgs, OperationInfo } from '@frontage/core';
import { ManualClock } from '@frontage/testing';
import { DerivedSchema } from './derived-schema.js';
import { isRawObject } from './raw-document.js';

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY']);

/** A response is projected from its bytes, or parsed, and then a screen is evaluated over objects: both send the same. */
export const engines = ['bytes', 'objects'] as const;

/** The screen that sends the whole response of one operation, compiled once. */
export class WholeScreen {
  readonly #compiled: CompiledScreen;
  #read: (readBody: BodyReader | undefined) => unknown = () => undefined;
  /** The number of responses that were read from their bytes. */
  projected = 0;

  constructor(operation: OperationInfo) {
    this.#compiled = compileScreen(wholeScreen(operation), {
      clock: new ManualClock(),
      bind:
        (_, { readBody }) =>
        () =>
          Promise.resolve({ ok: true, value: this.#read(readBody) }),
    });
  }

  /** The response of the screen to a value of the upstream. */
  respond(value: unknown, engine: (typeof engines)[number]): ReturnType<CompiledScreen['run']> {
    // A reader declines bytes that it is not sure of.
    this.#read = (readBody) => {
      const read = engine === 'bytes' ? readBody?.(Buffer.from(JSON.stringify(value))) : undefined;
      if (read !== undefined) this.projected += 1;
      return read ?? value;
    };
    return this.#compiled.run({}, new RequestContext('test', 0, 'GET', '127.0.0.1', {}));
  }

  /** Undefined where the response has no schema to derive from: such a screen does not start, and says why. */
  schema(): DerivedSchema | undefined {
    try {
      const { schema, components } = this.#compiled.responseSchema();
      return new DerivedSchema(
        isRawObject(schema) && isRawObject(schema['properties']) ? schema['properties']['it'] : undefined,
        components,
      );
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  }
}

/** The compiler does not know operations that a test reads from a file. */
function wholeScreen(operation: OperationInfo): Screen<unknown> {
  const read = operation as Operation<CallArgs, unknown, Record<never, never>, 'GET'>;
  const changing = operation as Operation<CallArgs, unknown, Record<never, never>, 'POST'>;
  const args: CallArgs = argumentsOf(operation);
  return reading.has(operation.method)
    ? screen(
        plan('tried.whole', { deadlineMs: 1000 }, () => ({ it: required(read, args) })),
        ({ it }) => ({ it }),
      )
    : screen(
        plan('tried.whole', { deadlineMs: 1000 }, () => ({ it: write(changing, args) })),
        ({ it }) => ({ it }),
      );
}

function argumentsOf({ parameters = [], body }: OperationInfo): CallArgs {
  const needed = parameters.filter((parameter) => parameter.required === true);
  const group = (place: string): object =>
    Object.fromEntries(needed.filter((parameter) => parameter.in === place).map(({ name }) => [name, 'x']));
  const groups = { path: group('path'), query: group('query'), header: group('header'), cookie: group('cookie') };
  return { ...groups, ...(body !== undefined && { body: {}, contentType: body.media[0] }) } as CallArgs;
}
