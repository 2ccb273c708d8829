import type {
  OperationDescription,
  OperationsDescription,
  ParameterDescription,
  ResponseDescription,
} from '../describe/operation-description.js';
import type { JsonObject } from '../document/json.js';

/** The operations and schemas of a contract, with its title. */
export interface TitledContract extends OperationsDescription {
  readonly title: string;
  readonly version: string;
}

/**
 * A contract as one OpenAPI 3.1 document with JSON Schema 2020-12, whatever version it was written in, so that two of them can be
 * compared. Words for readers are left out.
 */
export function plainDocument(contract: TitledContract): JsonObject {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of contract.operations)
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = plainOperation(operation);
  return {
    openapi: '3.1.0',
    info: { title: contract.title, version: contract.version },
    paths,
    components: { schemas: Object.fromEntries([...contract.components, ...contract.schemas]) },
  };
}

function plainOperation({ id, parameters, body, responses, security }: OperationDescription): JsonObject {
  return {
    operationId: id,
    ...(parameters.length > 0 && { parameters: parameters.map(plainParameter) }),
    ...(body !== undefined && {
      requestBody: {
        ...(body.required === true && { required: true }),
        content: Object.fromEntries(body.media.map(({ media, schema = true }) => [media, { schema }])),
      },
    }),
    responses: Object.fromEntries(responses.map((response) => [response.status, plainResponse(response)])),
    ...(security !== undefined && {
      security: security.map((schemes) => Object.fromEntries(schemes.map((name) => [name, []]))),
    }),
  };
}

function plainParameter({
  name,
  in: place,
  required,
  style,
  explode,
  content,
  schema,
}: ParameterDescription): JsonObject {
  return {
    name,
    in: place,
    ...(required === true && { required: true }),
    ...(style !== undefined && { style }),
    ...(explode !== undefined && { explode }),
    ...(content === undefined ? { schema } : { content: { [content]: { schema } } }),
  };
}

function plainResponse({ status, media, description }: ResponseDescription): JsonObject {
  return {
    description: description ?? status,
    ...(media.length > 0 && {
      content: Object.fromEntries(media.map(({ media: name, schema = true }) => [name, { schema }])),
    }),
  };
}
