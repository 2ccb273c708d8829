import {
  toTypeName,
  type ContractDocument,
  type OperationDescription,
  type ResponseDescription,
} from '@frontage/contracts';
import { mediaKind } from '@frontage/core';
import { ExportNames } from '../codegen/identifiers.js';
import { operationPieces, type GroupPiece, type TypePiece } from '../codegen/operation-types.js';
import { isSchemaObject, listOf } from '../codegen/schema-objects.js';
import type { TypeSchemas } from '../codegen/type-schemas.js';
import { styleOf } from './parameter-styles.js';
import { splitParts } from './split-parts.js';

/** An operation as the client offers it. */
export interface SdkOperation {
  readonly description: OperationDescription;
  /** The name of the function: `cartAdd` for `mobile.cart.add`. */
  readonly name: string;
  /** The start of the names of its types: `CartAdd`. */
  readonly typeName: string;
  readonly groups: readonly GroupPiece[];
  readonly body: SdkBody | undefined;
  /** The types of its success. */
  readonly data: readonly TypePiece[];
  /** The type of its missing parts: by the key of a schema, `header` where the document does not name them, undefined where none can miss. */
  readonly missing: TypePiece | 'header' | undefined;
  /** The types of its problems, by status. */
  readonly problems: readonly SdkProblem[];
  readonly takesText: boolean;
  /** The screen sends the members that have changed. */
  readonly deltas: boolean;
  /** Its `Idempotency-Key`, where the document has one. */
  readonly key: 'required' | 'optional';
}

export interface SdkProblem {
  readonly status: string;
  readonly piece: TypePiece;
  readonly codes: readonly string[];
}

export interface SdkBody {
  readonly isRequired: boolean;
  readonly kind: 'json' | 'form' | 'multipart' | 'raw';
  readonly media: string;
  readonly piece: TypePiece;
}

/** An operation that the client cannot offer, and why. */
export interface LeftOut {
  readonly endpoint: string;
  readonly reason: string;
}

const isKey = ({ in: place, name }: { readonly in: string; readonly name: string }): boolean =>
  place === 'header' && name.toLowerCase() === 'idempotency-key';

/**
 * The operations of a document in the order of their methods and paths; where two want one name, the later one gets a number.
 * @param types gets the schemas of inputs and responses
 */
export function sdkOperations(
  bff: string,
  document: ContractDocument,
  types: TypeSchemas,
): { readonly operations: readonly SdkOperation[]; readonly leftOut: readonly LeftOut[] } {
  const leftOut: LeftOut[] = document.refused.map(({ method, path, reason }) => ({
    endpoint: `${method} ${path}`,
    reason,
  }));
  const names = new ExportNames();
  const operations = document.operations.toSorted(byPath).flatMap((description) => {
    const reason = unsendable(description);
    if (reason !== undefined) {
      leftOut.push({ endpoint: `${description.method} ${description.path}`, reason });
      return [];
    }
    const { exported } = names.claim(functionName(bff, description));
    return [sdkOperation(description, exported, types)];
  });
  return { operations, leftOut };
}

function byPath(one: OperationDescription, other: OperationDescription): number {
  const [a, b] = [one, other].map(({ path, method }) => `${path} ${method}`);
  return (a ?? '') < (b ?? '') ? -1 : 1;
}

/** `mobile.cart.add` is `cartAdd` in the client of `mobile`. */
function functionName(bff: string, { operationId, id }: OperationDescription): string {
  const own = operationId ?? id;
  const name = toTypeName(own.startsWith(`${bff}.`) ? own.slice(bff.length + 1) : own);
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function unsendable({ parameters }: OperationDescription): string | undefined {
  for (const parameter of parameters) {
    const { in: place, name, required } = parameter;
    if (place === 'cookie' && required === true) return `a page cannot send its cookie ${name}`;
    if (place !== 'cookie' && styleOf(parameter) === undefined)
      return `the client does not write the style ${String(parameter.style)} of its parameter ${name}`;
  }
  return undefined;
}

function sdkOperation(description: OperationDescription, name: string, types: TypeSchemas): SdkOperation {
  const sent = description.parameters.filter((one) => one.in !== 'cookie' && !isKey(one));
  const { groups, bodies } = operationPieces({ ...description, parameters: sent, responses: [] }, types);
  const successes = description.responses.filter(({ status }) => status.startsWith('2'));
  const read = successes.map((response) => successOf(response, types));
  const media = successes.flatMap((one) => one.media.slice(0, 1));
  const body = bodies.find((one) => mediaKind(one.media) === 'json') ?? bodies[0];
  return {
    description,
    name,
    typeName: name.charAt(0).toUpperCase() + name.slice(1),
    groups,
    body: body && { ...body, ...bodyOf(body.media, body.piece) },
    data: read.map(({ data }) => data),
    missing: read.find(({ missing }) => missing !== undefined)?.missing,
    problems: description.responses.flatMap((response) => problemsOf(response, types)),
    takesText: successes.some((one) => one.media.length === 0) || media.some((one) => mediaKind(one.media) !== 'json'),
    deltas: successes.some(({ headers = [] }) => headers.some((one) => one.name.toLowerCase() === 'frontage-digests')),
    key: description.parameters.some((one) => isKey(one) && one.required === true) ? 'required' : 'optional',
  };
}

function bodyOf(media: string, piece: TypePiece): Pick<SdkBody, 'kind' | 'piece'> {
  const kind = mediaKind(media);
  if (kind === 'json' || kind === 'form' || kind === 'multipart') return { kind, piece };
  return { kind: 'raw', piece: { text: kind === 'text' ? 'string' : 'string | Blob' } };
}

function successOf(
  { media: [first], headers = [] }: ResponseDescription,
  types: TypeSchemas,
): { readonly data: TypePiece; readonly missing?: TypePiece | 'header' } {
  if (first === undefined) return { data: { text: 'unknown' } };
  if (mediaKind(first.media) !== 'json') return { data: { text: 'string' } };
  const { schema, parts } = splitParts(first.schema ?? true);
  const data = { key: types.add(schema, 'read') };
  if (parts !== undefined) return { data, missing: { key: types.add(parts, 'read') } };
  return headers.some((one) => one.name.toLowerCase() === 'frontage-parts') ? { data, missing: 'header' } : { data };
}

function problemsOf({ status, media }: ResponseDescription, types: TypeSchemas): readonly SdkProblem[] {
  const problem = media.find((one) => one.media.startsWith('application/problem+json'))?.schema;
  if (!isSchemaObject(problem)) return [];
  // Every problem has them; here they are required so that a compiler tells problems apart by them.
  const required = [...listOf(problem.required), 'status', 'code'];
  const code = isSchemaObject(problem.properties) ? problem.properties['code'] : undefined;
  const codes = isSchemaObject(code) ? listOf(code['enum']).filter((one) => typeof one === 'string') : [];
  return [{ status, piece: { key: types.add({ ...problem, required }, 'read') }, codes }];
}
