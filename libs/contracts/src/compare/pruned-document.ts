import { isObject, memberArray, memberObject, type JsonObject } from '../document/json.js';
import { plainDocument, type TitledContract } from './plain-document.js';
import { pathTokens, prunedSchema, usedBy, type FieldUse } from './pruned-schema.js';

/** The use of an operation by one caller. */
export interface OperationUse<User = unknown> {
  readonly user: User;
  /** Its id in the contract. */
  readonly operation: string;
  /** Fields of successful responses: `items[].total`, or `(whole)`. None: only its success counts. */
  readonly reads: readonly string[];
  /** Parameters that are sent: `query limit`, or `query *` for all of a group. */
  readonly parameters: readonly string[];
  /** Members of the body that are sent: `lines[].sku`, or `(whole)`; none where no body is sent. */
  readonly body: readonly string[];
  /** Error responses that the caller knows: `404`, `4XX`, `default`. */
  readonly statuses: readonly string[];
}

/**
 * The part of a contract that callers use, as an OpenAPI 3.1 document: operations, parameters and members that are sent, fields that are
 * read. Each has `x-used-by` with its callers. Operations that the contract does not have are left out.
 */
export function prunedDocument<User>(contract: TitledContract, uses: readonly OperationUse<User>[]): JsonObject {
  const whole = plainDocument(contract);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { id, path, method } of contract.operations) {
    const own = uses.filter(({ operation }) => operation === id);
    if (own.length === 0) continue;
    const key = method.toLowerCase();
    const operation = memberObject(memberObject(memberObject(whole, 'paths'), path), key) ?? {};
    (paths[path] ??= {})[key] = prunedOperation(operation, whole, own);
  }
  const document = { ...whole, paths };
  return {
    ...document,
    components: { schemas: reachable(paths, memberObject(memberObject(whole, 'components'), 'schemas') ?? {}) },
  };
}

function prunedOperation<User>(
  operation: JsonObject,
  document: JsonObject,
  uses: readonly OperationUse<User>[],
): JsonObject {
  const parameters = memberArray(operation, 'parameters').flatMap((one) => {
    if (!isObject(one)) return [];
    const name = `${String(one['in'])} ${String(one['name'])}`;
    // A call is not sent without what the contract requires.
    const isNeeded = one['required'] === true;
    const group = `${String(one['in'])} *`;
    const senders = uses.filter(({ parameters: sent }) => isNeeded || sent.includes(name) || sent.includes(group));
    return senders.length === 0 ? [] : [{ ...one, [usedBy]: usersOf(senders) }];
  });
  const body = memberObject(operation, 'requestBody');
  const senders = uses.filter((use) => use.body.length > 0);
  const { parameters: _, requestBody: __, responses, ...rest } = operation;
  return {
    ...rest,
    [usedBy]: usersOf(uses),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined &&
      senders.length > 0 && { requestBody: withContent(body, document, senders, (use) => use.body) }),
    responses: prunedResponses(isObject(responses) ? responses : {}, document, uses),
  };
}

function prunedResponses<User>(
  responses: JsonObject,
  document: JsonObject,
  uses: readonly OperationUse<User>[],
): JsonObject {
  const hasSuccess = Object.keys(responses).some((status) => status.startsWith('2'));
  return Object.fromEntries(
    Object.entries(responses).flatMap(([status, response]) => {
      if (!isObject(response)) return [];
      const isSuccess = status.startsWith('2') || (status === 'default' && !hasSuccess);
      if (isSuccess)
        return [
          [
            status,
            withContent(
              response,
              document,
              uses.filter((use) => use.reads.length > 0),
              (use) => use.reads,
            ),
          ],
        ];
      const knowing = uses.filter((use) => use.statuses.includes(status));
      if (knowing.length === 0) return [];
      return [[status, { description: response['description'], [usedBy]: usersOf(knowing) }]];
    }),
  );
}

/** A message with the fields that someone uses; without any, no more than its media types are promised. */
function withContent<User>(
  message: JsonObject,
  document: JsonObject,
  uses: readonly OperationUse<User>[],
  fieldsOf: (use: OperationUse<User>) => readonly string[],
): JsonObject {
  const content = memberObject(message, 'content');
  if (content === undefined) return message;
  const fields = uses.flatMap((use) =>
    fieldsOf(use).map((field): FieldUse<User> => ({ path: pathTokens(field), user: use.user })),
  );
  const pruned = Object.entries(content).map(([media, one]) => {
    const schema = isObject(one) ? one['schema'] : true;
    return [media, fields.length === 0 ? {} : { schema: prunedSchema(schema, document, fields) }] as const;
  });
  return { ...message, content: Object.fromEntries(pruned) };
}

const usersOf = <User>(uses: readonly OperationUse<User>[]): readonly User[] => [
  ...new Map(uses.map(({ user }) => [JSON.stringify(user), user])).values(),
];

/** The components that a document still refers to, directly or through others. */
function reachable(root: unknown, components: JsonObject): JsonObject {
  const found = new Set<string>();
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (Array.isArray(value)) open.push(...value);
    else if (isObject(value))
      for (const [key, inner] of Object.entries(value)) {
        if (key !== '$ref' || typeof inner !== 'string') {
          open.push(inner);
          continue;
        }
        const name = decodeURIComponent(inner.replace('#/components/schemas/', '').split('/')[0] ?? '')
          .replaceAll('~1', '/')
          .replaceAll('~0', '~');
        if (!found.has(name)) open.push(components[name]);
        found.add(name);
      }
  }
  return Object.fromEntries(Object.entries(components).filter(([name]) => found.has(name)));
}
