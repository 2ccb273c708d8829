import type { BodySpec, JsonSchema, Method, OperationInfo, ParameterSpec, ResponseSpec } from '@frontage/core';
import type { Location } from './location.js';
import type { ParameterDescription } from './parameters.js';

export interface MediaDescription {
  /** As the contract writes it: `application/json; charset=utf-8`. */
  readonly media: string;
  /** Absent: the contract says nothing about the content. */
  readonly schema?: JsonSchema;
  /** Name in the schemas of the contract; answers have one. */
  readonly schemaName?: string;
}

export interface BodyDescription {
  readonly required?: true;
  readonly description?: string;
  readonly media: readonly MediaDescription[];
}

export interface ResponseDescription {
  /** `200`, `2XX` or `default`. */
  readonly status: string;
  readonly description?: string;
  /** JSON first; empty where the answer has no body. */
  readonly media: readonly MediaDescription[];
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
  readonly parameters: readonly ParameterDescription[];
  readonly body?: BodyDescription;
  readonly responses: readonly ResponseDescription[];
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

/** What the runtime knows of an operation: the description without its schemas and texts. */
export function operationInfo(operation: OperationDescription): Omit<OperationInfo, 'contract'> {
  const { id, method, path, parameters, body, responses } = operation;
  return {
    id,
    method,
    path,
    ...(parameters.length === 0 ? {} : { parameters: parameters.map(parameterSpec) }),
    ...(body === undefined ? {} : { body: bodySpec(body) }),
    responses: responses.flatMap(responseSpecs),
  };
}

function parameterSpec(parameter: ParameterDescription): ParameterSpec {
  const { schema: _schema, description: _description, deprecated: _deprecated, ...spec } = parameter;
  return spec;
}

function bodySpec(body: BodyDescription): BodySpec {
  const media = body.media.map((each) => each.media);
  return body.required === undefined ? { media } : { required: true, media };
}

function responseSpecs({ status, media }: ResponseDescription): ResponseSpec[] {
  if (media.length === 0) return [{ status }];
  return media.map((each) =>
    each.schemaName === undefined
      ? { status, media: each.media }
      : { status, media: each.media, schema: each.schemaName },
  );
}
