import { mediaKind, type JsonSchema } from '@frontage/core';
import {
  successHeaders,
  type MediaDescription,
  type OperationDescription,
  type ResponseDescription,
} from '@frontage/contracts';
import { commentText } from './source-text.js';
import type { TypeSchemas } from './type-schemas.js';

/** A type by its key in the result of the emitter, or as text. */
export type TypePiece = { readonly key: string } | { readonly text: string };

export interface GroupPiece {
  readonly name: 'path' | 'query' | 'header' | 'cookie';
  readonly isRequired: boolean;
  readonly piece: TypePiece;
}

export interface BodyPiece {
  readonly media: string;
  readonly isRequired: boolean;
  readonly piece: TypePiece;
}

export interface ResponsePiece {
  readonly status: string;
  readonly isSuccess: boolean;
  readonly pieces: readonly TypePiece[];
}

/** The types of one operation. */
export interface OperationPieces {
  readonly operation: OperationDescription;
  readonly groups: readonly GroupPiece[];
  readonly bodies: readonly BodyPiece[];
  readonly responses: readonly ResponsePiece[];
  /** Of the headers of its successes; absent where it declares none. */
  readonly headers?: TypePiece;
}

const groupNames = ['path', 'query', 'header', 'cookie'] as const;

export function operationPieces(operation: OperationDescription, types: TypeSchemas): OperationPieces {
  const { responses, body } = operation;
  // `default` describes the success only where no other response does.
  const hasSuccess = responses.some(({ status }) => status.startsWith('2'));
  return {
    operation,
    groups: groupNames.flatMap((group) => groupPiece(operation, group, types)),
    bodies: (body?.media ?? []).map((media) => ({
      media: media.media,
      isRequired: body?.required === true,
      piece: requestPiece(media, types),
    })),
    responses: responses
      .filter(({ status }) => !status.startsWith('1') && !status.startsWith('3'))
      .map((response) => ({
        status: response.status,
        isSuccess: response.status.startsWith('2') || (response.status === 'default' && !hasSuccess),
        pieces: responsePieces(operation, response, types),
      })),
    ...headersPiece(responses, types),
  };
}

function headersPiece(responses: readonly ResponseDescription[], types: TypeSchemas): { readonly headers?: TypePiece } {
  const headers = successHeaders(responses);
  if (headers.length === 0) return {};
  const required = headers.filter((header) => header.required === true).map(({ name }) => name);
  const properties = Object.fromEntries(
    headers.map(({ name, schema, type, list, description }) => [
      name,
      // The type says how the text of the field is read: what is read as text is no object, whatever its schema says.
      documented(isReadAsText(schema, type ?? list) ? { type: 'string' } : schema, description, undefined),
    ]),
  );
  return { headers: { key: types.add({ type: 'object', properties, required }, 'read') } };
}

/** A text with its formats and values stays what it is. */
const isReadAsText = (schema: JsonSchema, readAs: unknown): boolean =>
  readAs === undefined && !(typeof schema === 'object' && schema.type === 'string');

function groupPiece(operation: OperationDescription, group: GroupPiece['name'], types: TypeSchemas): GroupPiece[] {
  const parameters = operation.parameters.filter((parameter) => parameter.in === group);
  if (parameters.length === 0) return [];
  const required = parameters.filter((parameter) => parameter.required === true).map(({ name }) => name);
  const properties = Object.fromEntries(
    parameters.map(({ name, schema, description, deprecated }) => [name, documented(schema, description, deprecated)]),
  );
  const schema: JsonSchema = { type: 'object', properties, required };
  return [{ name: group, isRequired: required.length > 0, piece: { key: types.add(schema, 'write') } }];
}

function documented(schema: JsonSchema, description: string | undefined, deprecated: true | undefined): JsonSchema {
  if (description === undefined && deprecated === undefined) return schema;
  return {
    ...(schema === true ? {} : schema === false ? { not: {} } : schema),
    ...(description === undefined ? {} : { description: commentText(description) }),
    ...(deprecated === undefined ? {} : { deprecated }),
  };
}

/** The type of a body that is bytes: `Binary` of the clients, which takes streams too. */
export const binaryBody = 'string | Binary';

function requestPiece({ media, schema }: MediaDescription, types: TypeSchemas): TypePiece {
  const kind = mediaKind(media);
  if (kind === 'text') return { text: 'string' };
  if (kind === 'binary') return { text: binaryBody };
  return schema === undefined ? { text: 'unknown' } : { key: types.add(schema, 'write') };
}

function responsePieces(
  operation: OperationDescription,
  response: ResponseDescription,
  types: TypeSchemas,
): TypePiece[] {
  if (response.media.length === 0 || operation.method === 'HEAD') return [{ text: 'undefined' }];
  const added = new Map<string, TypePiece>();
  return response.media.map(({ media, schema, schemaName }) => {
    const kind = mediaKind(media);
    if (kind === 'text' || kind === 'form') return { text: 'string' };
    if (kind === 'binary' || kind === 'multipart') return { text: 'Uint8Array' };
    if (schema === undefined) return { text: 'unknown' };
    // `application/json` and `application/problem+json` of one response mostly have the same schema.
    const known = schemaName === undefined ? undefined : added.get(schemaName);
    if (known !== undefined) return known;
    const piece: TypePiece = { key: types.add(schema, 'read') };
    if (schemaName !== undefined) added.set(schemaName, piece);
    return piece;
  });
}
