import {
  isObject,
  member,
  memberArray,
  memberObject,
  parsePointer,
  resolvePointer,
  type JsonObject,
} from '../document/json.js';
import { SchemaComparison, type MessageKind } from './compare-schemas.js';

/** One thing in which a document differs from the one before it. */
export interface DocumentChange {
  /** `GET /home` */
  readonly endpoint: string;
  /** The part that changed: `orders[].total` of the response, `query limit`, `body sku`, `409 code`. */
  readonly subject: string;
  /** The change: `is no longer required`. */
  readonly what: string;
  /** True if a client that was written for the document before may stop working. */
  readonly breaking: boolean;
  /** The whole change in one line: `GET /home: orders[].total is no longer required: breaks clients that read it`. */
  readonly text: string;
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];

/**
 * Lists in which ways an OpenAPI 3.1 document promises something else than the one before it; breaking changes come first.
 * Descriptions, examples and tags promise nothing.
 * @returns an empty list where both documents promise the same
 */
export function compareDocuments(pinned: unknown, current: unknown): readonly DocumentChange[] {
  const comparison = new DocumentComparison(pinned, current);
  const before = operations(pinned);
  const after = operations(current);
  for (const [endpoint, operation] of before) {
    const now = after.get(endpoint);
    if (now === undefined) comparison.tell(endpoint, '', 'is gone', 'clients that ask for it');
    else comparison.operation(endpoint, operation, now);
  }
  for (const endpoint of after.keys()) if (!before.has(endpoint)) comparison.tell(endpoint, '', 'is new');
  return comparison.changes.toSorted((a, b) => Number(b.breaking) - Number(a.breaking));
}

function operations(document: unknown): ReadonlyMap<string, Side> {
  return new Map(
    Object.entries(memberObject(document, 'paths') ?? {}).flatMap(([path, item]) =>
      methods.flatMap((method) => {
        const operation = memberObject(item, method);
        return operation === undefined
          ? []
          : [[`${method.toUpperCase()} ${path}`, { operation, shared: memberArray(item, 'parameters') }] as const];
      }),
    ),
  );
}

/** An operation, and the parameters that its path gives to all of its operations. */
interface Side {
  readonly operation: JsonObject;
  readonly shared: readonly unknown[];
}

class DocumentComparison {
  readonly changes: DocumentChange[] = [];
  readonly #pinned: unknown;
  readonly #current: unknown;

  constructor(pinned: unknown, current: unknown) {
    this.#pinned = pinned;
    this.#current = current;
  }

  /** @param breaks the clients that the change breaks; left out where it breaks none */
  tell(endpoint: string, subject: string, what: string, breaks?: string): void {
    const change = subject === '' ? what : `${subject} ${what}`;
    const text = `${endpoint}: ${change}${breaks === undefined ? '' : `: breaks ${breaks}`}`;
    if (this.changes.some((known) => known.text === text)) return;
    this.changes.push({ endpoint, subject, what, breaking: breaks !== undefined, text });
  }

  operation(endpoint: string, before: Side, after: Side): void {
    const [was, is] = [before.operation, after.operation];
    if (was['operationId'] !== is['operationId']) {
      const name = `is called ${String(is['operationId'])} instead of ${String(was['operationId'])}`;
      this.tell(endpoint, 'the operation', name, 'clients that are generated from it');
    }
    this.#security(endpoint, was, is);
    this.#parameters(endpoint, before, after);
    this.#body(endpoint, was['requestBody'], is['requestBody']);
    this.#responses(endpoint, memberObject(was, 'responses') ?? {}, memberObject(is, 'responses') ?? {});
  }

  #security(endpoint: string, was: JsonObject, is: JsonObject): void {
    const scopes = (operation: JsonObject): readonly string[] =>
      memberArray(operation, 'security').flatMap((rule) =>
        isObject(rule)
          ? Object.entries(rule).flatMap(([scheme, list]) => [scheme, ...(Array.isArray(list) ? list.map(String) : [])])
          : [],
      );
    const [before, after] = [scopes(was), scopes(is)];
    for (const scope of after.filter((one) => !before.includes(one)))
      this.tell(endpoint, '', `asks for ${scope}`, 'clients that come without it');
    for (const scope of before.filter((one) => !after.includes(one)))
      this.tell(endpoint, '', `asks no longer for ${scope}`);
  }

  #parameters(endpoint: string, before: Side, after: Side): void {
    const was = this.#parametersOf(before, this.#pinned);
    const is = this.#parametersOf(after, this.#current);
    for (const [name, parameter] of was) {
      const now = is.get(name);
      if (now === undefined) this.tell(endpoint, name, 'is no longer taken', 'clients that send it');
      else {
        this.#need(endpoint, name, parameter['required'] === true, now['required'] === true);
        for (const key of ['style', 'explode']) {
          if (parameter[key] !== now[key])
            this.tell(endpoint, name, `is written with another ${key}`, 'clients that send it');
        }
        this.#schemas(endpoint, name, parameter['schema'], now['schema'], 'request');
      }
    }
    for (const [name, parameter] of is) {
      if (was.has(name)) continue;
      const isRequired = parameter['required'] === true;
      this.tell(
        endpoint,
        name,
        isRequired ? 'is new and required' : 'is new and may be sent',
        isRequired ? 'clients that leave it out' : undefined,
      );
    }
  }

  #parametersOf({ operation, shared }: Side, document: unknown): ReadonlyMap<string, JsonObject> {
    const all = [...shared, ...memberArray(operation, 'parameters')].map((one) => resolved(one, document));
    return new Map(all.map((one) => [`${String(one['in'])} ${String(one['name'])}`, one]));
  }

  #need(endpoint: string, subject: string, was: boolean, is: boolean): void {
    if (!was && is) this.tell(endpoint, subject, 'is required now', 'clients that leave it out');
    if (was && !is) this.tell(endpoint, subject, 'is no longer required');
  }

  #body(endpoint: string, before: unknown, after: unknown): void {
    if (before === undefined && after === undefined) return;
    const [was, is] = [resolved(before, this.#pinned), resolved(after, this.#current)];
    if (after === undefined) this.tell(endpoint, 'the body', 'is no longer taken', 'clients that send one');
    else if (before === undefined)
      this.tell(endpoint, 'the body', 'is new', is['required'] === true ? 'clients that leave it out' : undefined);
    else {
      this.#need(endpoint, 'the body', was['required'] === true, is['required'] === true);
      this.#contents(endpoint, 'body', was, is, 'request');
    }
  }

  #responses(endpoint: string, before: JsonObject, after: JsonObject): void {
    for (const [status, response] of Object.entries(before)) {
      const now = after[status];
      if (now !== undefined) this.#response(endpoint, status, response, now);
      else if (isProblem(status)) this.tell(endpoint, status, 'does not come back any more');
      else this.tell(endpoint, status, 'is no longer a response', 'clients that expect it');
    }
    for (const status of Object.keys(after))
      if (!Object.hasOwn(before, status))
        this.tell(endpoint, status, 'may come back now', 'clients that do not know it');
  }

  #response(endpoint: string, status: string, before: unknown, after: unknown): void {
    const [was, is] = [resolved(before, this.#pinned), resolved(after, this.#current)];
    const named = (response: JsonObject): readonly string[] => Object.keys(memberObject(response, 'headers') ?? {});
    const subject = isProblem(status) ? status : '';
    for (const name of named(was).filter((one) => !named(is).includes(one)))
      this.tell(endpoint, `${subject} header ${name}`.trim(), 'is gone', 'clients that read it');
    for (const name of named(is).filter((one) => !named(was).includes(one)))
      this.tell(endpoint, `${subject} header ${name}`.trim(), 'is new');
    this.#contents(endpoint, subject, was, is, 'response');
  }

  #contents(endpoint: string, subject: string, before: JsonObject, after: JsonObject, direction: MessageKind): void {
    const [was, is] = [memberObject(before, 'content') ?? {}, memberObject(after, 'content') ?? {}];
    for (const [media, content] of Object.entries(was)) {
      if (Object.hasOwn(is, media))
        this.#schemas(endpoint, subject, member(content, 'schema'), member(is[media], 'schema'), direction);
      else this.tell(endpoint, subject || 'the response', `is no longer ${media}`, 'clients that go by it');
    }
    for (const media of Object.keys(is)) {
      if (!Object.hasOwn(was, media)) this.tell(endpoint, subject || 'the response', `may be ${media} now`);
    }
  }

  #schemas(endpoint: string, subject: string, before: unknown, after: unknown, direction: MessageKind): void {
    const documents = { pinned: this.#pinned, current: this.#current };
    new SchemaComparison(documents, direction, (at, what, breaks) => this.tell(endpoint, at, what, breaks)).compare(
      before ?? true,
      after ?? true,
      subject,
    );
  }
}

const isProblem = (status: string): boolean => /^[45]|^default$/.test(status);

/** The component that a `$ref` names, or the node itself. */
function resolved(node: unknown, document: unknown): JsonObject {
  const reference = member(node, '$ref');
  if (typeof reference === 'string' && reference.startsWith('#')) {
    const tokens = parsePointer(reference.slice(1));
    const found = tokens && resolvePointer(document, tokens);
    // A reference to nothing allows any value.
    return isObject(found) && member(found, '$ref') !== reference ? resolved(found, document) : {};
  }
  return isObject(node) ? node : {};
}
