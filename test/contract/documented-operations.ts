import type { Json } from './input-arbitrary.js';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Json;
}

/** One operation as its document has it. */
export interface DocumentedOperation {
  /** `GET /orders/:id`, as the tests of apps write it. */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Json | undefined;
  readonly scopes: readonly string[];
  readonly statuses: ReadonlySet<number>;
  /** Its response is no JSON, and it has no rule of access. */
  readonly isPage: boolean;
}

/** True if the document does not describe the response: it is a page, and no JSON. */
const isPage = ({ responses }: Json): boolean =>
  Object.entries(responses as Readonly<Record<string, Json>>).some(
    ([status, response]) =>
      status.startsWith('2') && response['content'] === undefined && response['$ref'] === undefined,
  );

/** Only what our own documents use is read: parameters and bodies stand inline. */
export function documentedOperations(document: Json): readonly DocumentedOperation[] {
  const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, Json>>>>;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => {
      const content = (operation['requestBody'] as { content?: Readonly<Record<string, { schema: Json }>> } | undefined)
        ?.content;
      const security = operation['security'] as readonly { readonly bearer: readonly string[] }[] | undefined;
      return {
        route: `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
        method: method.toUpperCase(),
        path,
        parameters: (operation['parameters'] ?? []) as readonly Parameter[],
        body: content?.['application/json']?.schema,
        scopes: security?.[0]?.bearer ?? [],
        statuses: new Set(Object.keys(operation['responses'] as object).map(Number)),
        isPage: isPage(operation),
      };
    }),
  );
}
