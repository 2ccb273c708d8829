import {
  isFormMedia,
  isJsonMedia,
  referencesOf,
  type ContractDocument,
  type OperationDescription,
} from '@frontage/contracts';
import type { JsonSchema } from '@frontage/core';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { isRecord } from './behaviour.js';
import type { ParameterGroups } from './parameter-decoding.js';
import type { Resolve } from './schema-view.js';

export interface FieldProblem {
  /** JSON Pointer (RFC 6901) from the group: `/query/limit`, `/body/items/0/sku`. */
  readonly pointer: string;
  readonly message: string;
}

const prefix = '#/components/schemas/';

/** Compares requests and answers with the schemas of one contract. Validators are compiled when first needed. */
export class ContractChecks {
  readonly #schemas: ReadonlyMap<string, JsonSchema>;
  readonly #parameters: Ajv2020;
  readonly #bodies: Ajv2020;
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(contract: ContractDocument) {
    this.#schemas = withParameterSchemas(contract);
    const components = { schemas: Object.fromEntries(this.#schemas) };
    const ajv = (more: object): Ajv2020 => {
      // Patterns of contracts are written for engines without the u flag as often as with it.
      const made = new Ajv2020({
        strict: false,
        allErrors: true,
        logger: false,
        unicodeRegExp: false,
        validateSchema: false,
        ...more,
      });
      ajvFormats.default(made);
      return made.addSchema({ $id: 'contract', components });
    };
    this.#parameters = ajv({ coerceTypes: true, useDefaults: true });
    this.#bodies = ajv({ verbose: true });
  }

  readonly resolve: Resolve = (reference) => this.#schemas.get(reference.slice(prefix.length));

  /** Gives the parameters the types and defaults of the contract, in place, and says what is wrong with them. */
  parameters(operation: OperationDescription, groups: ParameterGroups): readonly FieldProblem[] {
    const validate = this.#compile(`${operation.id} parameters`, this.#parameters, () => parameterSchema(operation));
    return validate(groups) ? [] : problemsOf(validate.errors, '');
  }

  body(operation: OperationDescription, media: string, body: unknown): readonly FieldProblem[] {
    const described = operation.body?.media.find((one) => sameMedia(one.media, media));
    if (described?.schema === undefined || !isJsonMedia(media) || isFormMedia(media)) return [];
    const { schema } = described;
    const validate = this.#compile(`${operation.id} ${described.media}`, this.#bodies, () => schema);
    if (validate(body)) return [];
    return problemsOf(
      validate.errors?.filter((error) => !isOnlyAnswered(error)),
      '/body',
    );
  }

  /** Whether a value is what the contract says of an answer. */
  accepts(key: string, schema: JsonSchema, value: unknown): boolean {
    return this.#compile(`answer ${key}`, this.#bodies, () => schema)(value);
  }

  #compile(key: string, ajv: Ajv2020, schema: () => JsonSchema): ValidateFunction {
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const made = ajv.compile(absolute(schema()) as object | boolean);
    this.#compiled.set(key, made);
    return made;
  }
}

/** Whether a media type of a contract (`application/json`, `image/*`, `*` + `/*`) is that of a message. */
export function sameMedia(declared: string, actual: string): boolean {
  const essence = (media: string): string => (media.split(';')[0] ?? '').trim().toLowerCase();
  const [wanted, given] = [essence(declared), essence(actual)];
  return wanted === given || wanted === '*/*' || (wanted.endsWith('/*') && given.startsWith(wanted.slice(0, -1)));
}

/** The schemas of a contract are those of bodies and answers; parameters may refer to others. */
function withParameterSchemas(contract: ContractDocument): ReadonlyMap<string, JsonSchema> {
  const all = new Map(contract.schemas);
  const { components } = contract.bundled;
  const written = isRecord(components) && isRecord(components['schemas']) ? components['schemas'] : {};
  const pending = contract.operations.flatMap(({ parameters }) =>
    parameters.flatMap(({ schema }) => [...referencesOf(schema)]),
  );
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const schema = written[name];
    if (all.has(name) || !isRecord(schema)) continue;
    all.set(name, schema);
    pending.push(...referencesOf(schema));
  }
  return all;
}

function parameterSchema(operation: OperationDescription): JsonSchema {
  const group = (place: string): object => {
    const all = operation.parameters.filter((parameter) => parameter.in === place);
    const nameOf = (name: string): string => (place === 'header' ? name.toLowerCase() : name);
    return {
      type: 'object',
      properties: Object.fromEntries(all.map(({ name, schema }) => [nameOf(name), schema])),
      required: all.filter(({ required }) => required === true).map(({ name }) => nameOf(name)),
    };
  };
  const places = ['path', 'query', 'header', 'cookie'];
  return { type: 'object', properties: Object.fromEntries(places.map((place) => [place, group(place)])) };
}

/** References name components of the contract, wherever the schema is compiled. */
function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' && inner.startsWith(prefix) ? `contract${inner}` : absolute(inner),
    ]),
  );
}

/** A required member that is `readOnly` is required of answers only (OpenAPI 3.0, Schema Object). */
function isOnlyAnswered({ keyword, params, parentSchema }: ErrorObject): boolean {
  if (keyword !== 'required' || !isRecord(parentSchema?.['properties'])) return false;
  const missing = parentSchema['properties'][String(params['missingProperty'])];
  return isRecord(missing) && missing['readOnly'] === true;
}

const problemsOf = (errors: readonly ErrorObject[] | null | undefined, at: string): readonly FieldProblem[] =>
  (errors ?? []).slice(0, 20).map(({ instancePath, message, params }) => ({
    pointer: at + instancePath,
    message: [
      message ?? 'is wrong',
      'allowedValues' in params ? `: ${JSON.stringify(params['allowedValues'])}` : '',
    ].join(''),
  }));
