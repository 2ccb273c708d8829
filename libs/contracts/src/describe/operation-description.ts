import type {
  BodySpec,
  JsonSchema,
  Method,
  OperationInfo,
  ParameterPlace,
  ParameterSpec,
  PropertyEncoding,
  ResponseHeaderSpec,
  ResponseSpec,
  SecurityScheme,
} from '@frontage/core';
import type { ContractWarning, Location } from '../document/location.js';
import { isFormMedia } from '../content/media-types.js';

export interface ParameterDescription extends ParameterSpec {
  readonly schema: JsonSchema;
  readonly description?: string;
  readonly deprecated?: true;
}

export interface MediaDescription {
  /** As the contract writes it: `application/json; charset=utf-8`. */
  readonly media: string;
  /** Of a response: other content types, or ranges of such, under which the contract declares the same content. */
  readonly also?: readonly string[];
  /** Absent where the contract says nothing about the content. */
  readonly schema?: JsonSchema;
  /** Name in the schemas of the contract. */
  readonly schemaName?: string;
  /** Encoding of the properties of a form, where the contract declares it. */
  readonly encoding?: readonly PropertyEncoding[];
}

export interface BodyDescription {
  readonly required?: true;
  readonly description?: string;
  readonly media: readonly MediaDescription[];
}

/** A header of a response, as the contract declares it. */
export interface HeaderDescription extends ResponseHeaderSpec {
  readonly schema: JsonSchema;
  readonly description?: string;
}

export interface ResponseDescription {
  /** `200`, `2XX` or `default`. */
  readonly status: string;
  readonly description?: string;
  /** JSON first; empty where the response has no body. */
  readonly media: readonly MediaDescription[];
  /** Absent where it declares none. */
  readonly headers?: readonly HeaderDescription[];
}

/** One method and path of a contract. Generator, clients and sandbox read this and never the document. */
export interface OperationDescription {
  /** An identifier, unique in the contract. */
  readonly id: string;
  /** As the contract writes it, where it differs from `id`. */
  readonly operationId?: string;
  readonly method: Method;
  readonly path: string;
  readonly summary?: string;
  readonly deprecated?: true;
  /** The team that answers for it (`x-owner` of the operation or of its path), where it is not that of the contract. */
  readonly owner?: string;
  /** Marked as safe by `x-frontage-safe: true`, or by policy: it only reads, whatever its method. */
  readonly safe?: true;
  readonly parameters: readonly ParameterDescription[];
  /** Names in the schemas of the contract: one object per group of parameters. */
  readonly inputs: Readonly<Partial<Record<ParameterPlace, string>>>;
  readonly body?: BodyDescription;
  readonly responses: readonly ResponseDescription[];
  /** Lists of security schemes: it takes any one list, with all schemes of it. */
  readonly security?: readonly (readonly string[])[];
  /** Addresses of its own, where they differ from those of the document. */
  readonly servers?: readonly string[];
  readonly location: Location;
}

/** An operation that cannot be offered, and why. */
export interface RefusedOperation extends Location {
  readonly method: string;
  readonly path: string;
  readonly reason: string;
}

/** All operations of a contract, and what they refer to. */
export interface OperationsDescription {
  readonly operations: readonly OperationDescription[];
  readonly refused: readonly RefusedOperation[];
  /** Schemas of bodies and responses by name, in JSON Schema 2020-12; without a name of its own, a response is `<id>.<status>`, a body `<id>.body` and a group of parameters `<id>.<group>`. */
  readonly schemas: ReadonlyMap<string, JsonSchema>;
  /** The components that anything refers to, parameters too. */
  readonly components: ReadonlyMap<string, JsonSchema>;
  /** By name. */
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  /** Addresses of the document, variables replaced by their defaults. */
  readonly servers: readonly string[];
  /** The team that answers for the contract: `x-owner` of its `info`. */
  readonly owner?: string;
  readonly warnings: readonly ContractWarning[];
}

/** The headers of all successes together: one is required where each of them requires it. */
export function successHeaders(
  responses: readonly { readonly status: string; readonly headers?: readonly HeaderDescription[] }[],
): readonly HeaderDescription[] {
  const declared = responses.filter(({ status }) => status.startsWith('2'));
  const successes = declared.length > 0 ? declared : responses.filter(({ status }) => status === 'default');
  const first = new Map<string, HeaderDescription>();
  for (const header of successes.flatMap(({ headers = [] }) => headers)) {
    const name = header.name.toLowerCase();
    if (!first.has(name)) first.set(name, header);
  }
  return [...first].map(([name, header]): HeaderDescription => {
    const isRequired = successes.every(({ headers = [] }) =>
      headers.some((one) => one.required === true && one.name.toLowerCase() === name),
    );
    const { required: _, ...rest } = header;
    return isRequired ? { ...rest, required: true } : rest;
  });
}

/** The facts about an operation that the runtime needs: the description without schemas and texts. */
export function operationInfo(operation: OperationDescription): Omit<OperationInfo, 'contract'> {
  const { id, method, path, owner, safe, parameters, inputs, body, responses, security, servers } = operation;
  const headers = successHeaders(responses).map(({ schema: _schema, description: _description, ...spec }) => spec);
  return {
    id,
    method,
    path,
    ...(owner === undefined ? {} : { owner }),
    ...(safe === undefined ? {} : { safe }),
    ...(parameters.length === 0 ? {} : { parameters: parameters.map(parameterSpec) }),
    ...(parameters.length === 0 ? {} : { inputs }),
    ...(body === undefined ? {} : { body: bodySpec(body) }),
    responses: responses.flatMap(responseSpecs),
    ...(headers.length === 0 ? {} : { headers }),
    ...(security === undefined ? {} : { security }),
    ...(servers === undefined ? {} : { servers }),
  };
}

function parameterSpec(parameter: ParameterDescription): ParameterSpec {
  const { schema: _schema, description: _description, deprecated: _deprecated, ...spec } = parameter;
  return spec;
}

function bodySpec(body: BodyDescription): BodySpec {
  const names = new Set(body.media.map(({ schemaName }) => schemaName));
  const [schema] = names;
  const encoding = propertyEncodings(body.media);
  return {
    ...(body.required === undefined ? {} : { required: body.required }),
    media: body.media.map(({ media }) => media),
    ...(names.size === 1 && schema !== undefined ? { schema } : {}),
    ...(names.size > 1 ? { schemas: schemasByMedia(body.media) } : {}),
    ...(encoding.length === 0 ? {} : { encoding }),
  };
}

const schemasByMedia = (media: readonly MediaDescription[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    media.flatMap(({ media: name, schemaName }) => (schemaName === undefined ? [] : [[name, schemaName]])),
  );

/** One list where all media types of a body agree, else one per media type. */
function propertyEncodings(media: readonly MediaDescription[]): PropertyEncoding[] {
  const forms = media.filter((each) => isFormMedia(each.media));
  const texts = new Set(forms.map(({ encoding = [] }) => JSON.stringify(encoding)));
  if (texts.size === 1) return [...(forms[0]?.encoding ?? [])];
  return forms.flatMap(({ media: name, encoding = [] }) => encoding.map((each) => ({ ...each, media: name })));
}

function responseSpecs({ status, media }: ResponseDescription): ResponseSpec[] {
  if (media.length === 0) return [{ status }];
  return media.map((each) => ({
    status,
    media: each.media,
    ...(each.also === undefined ? {} : { also: each.also }),
    ...(each.schemaName === undefined ? {} : { schema: each.schemaName }),
  }));
}
