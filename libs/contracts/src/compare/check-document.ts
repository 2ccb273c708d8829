import { isObject, member, memberArray, memberObject, type JsonObject } from '../document/json.js';
import { compareDocuments, type DocumentChange } from './compare-documents.js';
import { plainDocument, type TitledContract } from './plain-document.js';
import { pathTokens, usedBy } from './pruned-schema.js';
import { schemaView } from './schema-view.js';

/**
 * The ways in which a contract no longer gives what callers use of it. Fields, parameters and errors that nobody uses are not compared.
 * @param pruned of `prunedDocument`
 */
export function brokenUses(pruned: unknown, contract: TitledContract): readonly DocumentChange[] {
  const current = withoutOtherErrors(plainDocument(contract), pruned);
  return compareDocuments(pruned, current).filter(({ breaking }) => breaking);
}

/** An error response that callers did not know before fails the call as any other does. */
function withoutOtherErrors(current: JsonObject, pruned: unknown): JsonObject {
  const operationOf = (document: unknown, path: string, method: string): JsonObject | undefined =>
    memberObject(memberObject(memberObject(document, 'paths'), path), method);
  const paths = Object.entries(memberObject(current, 'paths') ?? {}).map(([path, item]) => {
    const operations = Object.entries(isObject(item) ? item : {}).map(([method, operation]) => {
      const known = memberObject(operationOf(pruned, path, method), 'responses') ?? {};
      const responses = Object.entries(memberObject(operation, 'responses') ?? {}).filter(
        ([status]) => status.startsWith('2') || Object.hasOwn(known, status),
      );
      const kept = responses.map(([status, response]) => [status, status.startsWith('2') ? response : {}] as const);
      return [method, { ...(isObject(operation) && operation), responses: Object.fromEntries(kept) }] as const;
    });
    return [path, Object.fromEntries(operations)] as const;
  });
  return { ...current, paths: Object.fromEntries(paths) };
}

/** The callers that a pruned document names for the subject of a change: those of the field, or of the nearest value around it. */
export function usersOf(pruned: unknown, { endpoint, subject }: DocumentChange): readonly unknown[] {
  const [method = '', path = ''] = endpoint.split(' ');
  const operation = memberObject(memberObject(memberObject(pruned, 'paths'), path), method.toLowerCase());
  const parameter = memberArray(operation, 'parameters').find(
    (one) => `${String(member(one, 'in'))} ${String(member(one, 'name'))}` === subject,
  );
  const found = parameter === undefined ? usersBelow(operation, subject, pruned) : member(parameter, usedBy);
  const users = found ?? member(operation, usedBy);
  return Array.isArray(users) ? users : [];
}

function usersBelow(operation: JsonObject | undefined, subject: string, document: unknown): unknown {
  const isBody = /^(?:the )?body\b/.test(subject);
  const field = isBody ? subject.replace(/^(?:the )?body ?/, '') : subject === 'the response' ? '' : subject;
  const message = isBody
    ? memberObject(operation, 'requestBody')
    : Object.entries(memberObject(operation, 'responses') ?? {}).find(([status]) => status.startsWith('2'))?.[1];
  let schemas = Object.values(memberObject(message, 'content') ?? {}).map((media) => member(media, 'schema'));
  let users: unknown;
  for (const token of ['', ...pathTokens(field)]) {
    if (token !== '') schemas = schemas.flatMap((schema) => below(schema, token, document));
    users = schemas.map((schema) => member(schema, usedBy)).find((one) => one !== undefined) ?? users;
  }
  return users;
}

const below = (schema: unknown, token: string, document: unknown): readonly unknown[] =>
  schemaView(schema, document).variants.flatMap((variant) => {
    const inner = token === '[]' ? variant['items'] : member(memberObject(variant, 'properties'), token);
    return inner === undefined ? [] : [inner];
  });
