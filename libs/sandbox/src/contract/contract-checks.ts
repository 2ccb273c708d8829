import { mapSubschemas, type ContractDocument, type MessageKind, type OperationDescription } from '@frontage/contracts';
import { replaceableHeaders, type JsonSchema } from '@frontage/core';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { isRecord } from '../model/behaviour.js';
import type { ParameterGroups } from '../decoding/parameter-decoding.js';
import { expressionOf } from '../patterns/pattern-sample.js';
import { flatten, isSchema, type Resolve } from '../model/schema-view.js';

export interface FieldProblem {
  /** JSON Pointer (RFC 6901) from the group: `/query/limit`, `/body/items/0/sku`. */
  readonly pointer: string;
  /** The keyword of the schema that is broken: `maximum`, `required`. */
  readonly rule: string;
  readonly message: string;
}

const prefix = '#/components/schemas/';

/** Validates requests and responses against the schemas of one contract. Validators are compiled when they are first needed. */
export class ContractChecks {
  readonly #schemas: ReadonlyMap<string, JsonSchema>;
  readonly #validators: Partial<Record<MessageKind, Ajv2020>> = {};
  /** By direction and text of the schema: bounded by the schemas of the contract. */
  readonly #compiled = new Map<string, ValidateFunction>();
  readonly #ofParameters = new WeakMap<OperationDescription, ValidateFunction>();

  constructor(contract: ContractDocument) {
    this.#schemas = new Map([...contract.components, ...contract.schemas]);
  }

  readonly resolve: Resolve = (reference) => this.#schemas.get(reference.slice(prefix.length));

  /** The contract violations of the parameters; missing parameters get their default, in place. */
  parameters(operation: OperationDescription, groups: ParameterGroups): readonly FieldProblem[] {
    const validate = this.#ofParameters.get(operation) ?? this.#compile(parameterSchema(operation), 'request');
    this.#ofParameters.set(operation, validate);
    const problems = validate(groups) ? [] : problemsOf(validate.errors, '');
    for (const { in: location, name, schema } of operation.parameters) {
      const key = location === 'header' ? name.toLowerCase() : name;
      const otherwise = flatten(schema, this.resolve)['default'];
      if (otherwise !== undefined) groups[location][key] ??= otherwise;
    }
    return problems;
  }

  body(schema: JsonSchema, body: unknown): readonly FieldProblem[] {
    const validate = this.#compile(schema, 'request');
    return validate(body) ? [] : problemsOf(validate.errors, '/body');
  }

  /** True if the contract accepts a value in a request or a response. */
  accepts(schema: JsonSchema, value: unknown, direction: MessageKind): boolean {
    return this.#compile(schema, direction)(value);
  }

  #compile(schema: JsonSchema, direction: MessageKind): ValidateFunction {
    const key = `${direction} ${JSON.stringify(schema)}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const ajv = (this.#validators[direction] ??= this.#validator(direction));
    const made = ajv.compile(this.#adapted(schema, direction) as object | boolean);
    this.#compiled.set(key, made);
    return made;
  }

  #validator(direction: MessageKind): Ajv2020 {
    const ajv = new Ajv2020({
      strict: false,
      allErrors: true,
      logger: false,
      // Patterns of contracts are written for engines without the u flag as often as with it.
      // To optimize the code of a validator takes as long as to make it, and each one checks a few values.
      code: { regExp: patternEngine, optimize: false },
      validateSchema: false,
    });
    ajvFormats.default(ajv);
    const schemas = [...this.#schemas].map(([name, schema]) => [name, this.#adapted(schema, direction)] as const);
    return ajv.addSchema({ $id: 'contract', components: { schemas: Object.fromEntries(schemas) } });
  }

  /** A schema whose references name components of the contract; for requests it is as lenient as servers are. */
  #adapted(schema: JsonSchema, direction: MessageKind): JsonSchema {
    if (typeof schema === 'boolean') return schema;
    const { $ref: reference, ...copy } = mapSubschemas(schema, (inner) => this.#adapted(inner, direction));
    if (typeof reference === 'string')
      copy['$ref'] = reference.startsWith(prefix)
        ? `contract${prefix}${encodeURIComponent(reference.slice(prefix.length))}`
        : reference;
    if (direction === 'response') return copy;
    const { required, oneOf, anyOf, allOf } = copy;
    if (Array.isArray(required))
      copy['required'] = required.filter((name) => !this.#isResponseOnly(schema, String(name)));
    if (!Array.isArray(oneOf)) return copy;
    // A server does not refuse a request because it fits two schemas of a `oneOf`.
    delete copy['oneOf'];
    return anyOf === undefined
      ? { ...copy, anyOf: oneOf }
      : { ...copy, allOf: [...(Array.isArray(allOf) ? allOf : []), { anyOf: oneOf }] };
  }

  /** A required member that is `readOnly` is required in responses only (OpenAPI 3.0, Schema Object). */
  #isResponseOnly(schema: JsonSchema, name: string): boolean {
    const properties = flatten(schema, this.resolve)['properties'];
    const property = isRecord(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
    return isSchema(property) && flatten(property, this.resolve)['readOnly'] === true;
  }
}

/** The expression of a pattern; one that is invalid is an error of the contract, which `ajv` reports. */
const patternEngine = Object.assign((pattern: string) => expressionOf(pattern) ?? new RegExp(pattern, 'u'), {
  code: 'new RegExp',
});

/** True if a media type of a contract (`application/json`, `image/*`, `*` + `/*`) is that of a message. */
export function sameMedia(declared: string, actual: string): boolean {
  const essence = (media: string): string => (media.split(';')[0] ?? '').trim().toLowerCase();
  const [wanted, given] = [essence(declared), essence(actual)];
  return wanted === given || wanted === '*/*' || (wanted.endsWith('/*') && given.startsWith(wanted.slice(0, -1)));
}

function parameterSchema(operation: OperationDescription): JsonSchema {
  const group = (location: string): object => {
    // Headers that every client sends by default are no values of arguments: they are not judged.
    const all = operation.parameters.filter(
      (parameter) =>
        parameter.in === location && !(location === 'header' && replaceableHeaders.has(parameter.name.toLowerCase())),
    );
    const nameOf = (name: string): string => (location === 'header' ? name.toLowerCase() : name);
    return {
      type: 'object',
      properties: Object.fromEntries(all.map(({ name, schema }) => [nameOf(name), schema])),
      required: all.filter(({ required }) => required === true).map(({ name }) => nameOf(name)),
    };
  };
  const locations = ['path', 'query', 'header', 'cookie'];
  return { type: 'object', properties: Object.fromEntries(locations.map((location) => [location, group(location)])) };
}

const problemsOf = (errors: readonly ErrorObject[] | null | undefined, at: string): readonly FieldProblem[] =>
  (errors ?? []).slice(0, 20).map(({ instancePath, keyword, message, params }) => ({
    pointer: at + instancePath,
    rule: keyword,
    message: [
      message ?? 'is wrong',
      'allowedValues' in params ? `: ${JSON.stringify(params['allowedValues'])}` : '',
      'additionalProperty' in params ? `: ${JSON.stringify(params['additionalProperty'])}` : '',
    ].join(''),
  }));
