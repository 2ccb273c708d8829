import { isObject, member, memberObject, type JsonObject } from '../document/json.js';
import { schemaView } from './schema-view.js';

/**
 * Looks for a member of the successful response of an operation in an OpenAPI 3.1 document.
 * @param path `orders[].total.amount`
 * @returns undefined where there is one, or the schema is open; else the members beside the first name that is not there
 */
export function memberNames(
  document: unknown,
  operation: { readonly method: string; readonly path: string },
  path: string,
): readonly string[] | undefined {
  const found = memberObject(
    memberObject(memberObject(document, 'paths'), operation.path),
    operation.method.toLowerCase(),
  );
  const responses = Object.entries(memberObject(found, 'responses') ?? {}).filter(([status]) => status.startsWith('2'));
  let schemas = responses.flatMap(([, response]) =>
    Object.values(memberObject(response, 'content') ?? {}).map((media) => member(media, 'schema')),
  );
  let before = '';
  for (const token of path.split(/\.|(?=\[\])/)) {
    const variants = schemas.flatMap((schema) => schemaView(schema, document).variants);
    const next = variants.flatMap((one) => below(one, token));
    if (next.length === 0) {
      if (variants.some(isOpen)) return undefined;
      const names = variants.flatMap((one) => Object.keys(memberObject(one, 'properties') ?? {}));
      return [...new Set(names)].map((name) => (before === '' ? name : `${before}.${name}`));
    }
    before += token === '[]' || before === '' ? token : `.${token}`;
    schemas = next;
  }
  return undefined;
}

function below(schema: JsonObject, token: string): readonly unknown[] {
  if (token === '[]') return 'items' in schema ? [schema['items']] : [];
  const properties = memberObject(schema, 'properties');
  if (properties !== undefined && Object.hasOwn(properties, token)) return [properties[token]];
  const others = schema['additionalProperties'];
  return isObject(others) ? [others] : [];
}

/** Says nothing about its members. */
const isOpen = (schema: JsonObject): boolean => !('type' in schema) && !('properties' in schema) && !('enum' in schema);
