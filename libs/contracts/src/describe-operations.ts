import type { JsonSchema, Method } from '@frontage/core';
import { isObject, member, memberArray, memberObject, memberText, type JsonObject } from './json.js';
import { locationOf, type ContractWarning, type Location } from './location.js';
import { isJsonMedia } from './media-types.js';
import { methods } from './methods.js';
import type {
  BodyDescription,
  MediaDescription,
  OperationDescription,
  RefusedOperation,
  ResponseDescription,
} from './operation-description.js';
import { OperationNames, toIdentifier } from './operation-names.js';
import { describeParameters, type ParameterSource } from './parameters.js';
import { dereference, Fault, SchemaRegistry } from './schema-registry.js';
import { referencedName, referencesOf } from './schema-references.js';

export interface OpenApiSource {
  /** OpenAPI 3.x, its references inside itself. */
  readonly document: JsonObject;
  readonly file: string;
  /** Why a reference that leads out of the document could not be followed. */
  readonly unresolved: ReadonlyMap<string, string>;
}

export interface OperationsDescription {
  readonly operations: readonly OperationDescription[];
  readonly refused: readonly RefusedOperation[];
  /** What bodies and answers refer to, by name, in JSON Schema 2020-12; answers without a name of their own as `<id>.<status>`. */
  readonly schemas: ReadonlyMap<string, JsonSchema>;
  /** The components that anything refers to, parameters too. */
  readonly components: ReadonlyMap<string, JsonSchema>;
  readonly warnings: readonly ContractWarning[];
}

/** Describes every operation of a document, or says why not: operations = described + refused. */
export function describeOperations(source: OpenApiSource): OperationsDescription {
  return new Describer(source).describe();
}

interface Candidate {
  readonly method: Method;
  readonly path: string;
  readonly item: JsonObject;
  readonly node: JsonObject;
}

const bodyless: ReadonlySet<Method> = new Set<Method>(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

class Describer {
  readonly #document: JsonObject;
  readonly #warnings: ContractWarning[] = [];
  readonly #refused: RefusedOperation[] = [];
  readonly #schemas: SchemaRegistry;
  readonly #start: Location;
  readonly #source: ParameterSource;

  constructor(private readonly source: OpenApiSource) {
    this.#document = source.document;
    this.#start = { file: source.file, line: 1, column: 1 };
    this.#schemas = new SchemaRegistry(source.document, source.unresolved, (warning) => this.#warnings.push(warning));
    this.#source = {
      dereference: (node) => this.#dereference(node),
      convert: (schema) => this.#schemas.convert(schema),
      warn: (rule, message, node) => this.#warn(rule, message, node),
    };
  }

  describe(): OperationsDescription {
    const candidates = this.#candidates();
    const declared = new Set(
      candidates
        .map(({ node }) => memberText(node, 'operationId'))
        .filter((id) => id !== undefined)
        .map(toIdentifier),
    );
    const names = new OperationNames(declared);
    const inline = new Map<string, JsonSchema>();
    const operations: OperationDescription[] = [];
    for (const candidate of candidates) {
      const id = this.#name(names, candidate);
      try {
        operations.push(this.#operation(id, candidate, inline));
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        this.#refuse(candidate.method, candidate.path, error.reason, error.location ?? locationOf(candidate.node));
      }
    }
    const components = new Map(this.#schemas.names().map((name) => [name, this.#schemas.schema(name) ?? true]));
    const schemas = reachable(operations, components, inline);
    return { operations, refused: this.#refused, schemas, components, warnings: this.#warnings };
  }

  #candidates(): Candidate[] {
    const candidates: Candidate[] = [];
    for (const [path, value] of Object.entries(memberObject(this.#document, 'paths') ?? {})) {
      if (path.startsWith('x-')) continue;
      const item = this.#pathItem(path, value);
      if (item === undefined) continue;
      for (const [key, node] of Object.entries(item)) {
        const method = /^[a-z]+$/.test(key) ? methods.get(key.toUpperCase()) : undefined;
        if (key === 'query') this.#refuse('QUERY', path, 'the method QUERY is not known', locationOf(node));
        if (key === 'additionalOperations' && isObject(node)) {
          for (const [name, each] of Object.entries(node))
            this.#refuse(name, path, `the method ${name} is not known`, locationOf(each));
        }
        if (method === undefined) continue;
        if (!isObject(node)) this.#refuse(method, path, 'an operation is a mapping', locationOf(item));
        else if (!path.startsWith('/')) this.#refuse(method, path, 'a path begins with /', locationOf(node));
        else candidates.push({ method, path, item, node });
      }
    }
    return candidates;
  }

  #pathItem(path: string, value: unknown): JsonObject | undefined {
    try {
      const found = this.#dereference(value);
      if (!isObject(found)) throw new Fault('a path item is a mapping', locationOf(value));
      const { $ref: _, ...siblings } = isObject(value) ? value : {};
      return found === value ? found : { ...found, ...siblings };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#refuse('*', path, error.reason, error.location ?? locationOf(value));
      return undefined;
    }
  }

  #name(names: OperationNames, { method, path, node }: Candidate): string {
    const operationId = memberText(node, 'operationId');
    const id = names.claim(operationId, method, path);
    if (operationId !== undefined && toIdentifier(operationId) !== id) {
      this.#warn(
        'repeated-operation-id',
        `the operationId ${JSON.stringify(operationId)} is taken; ${method} ${path} is called ${id}`,
        node,
      );
    }
    return id;
  }

  #operation(
    id: string,
    { method, path, item, node }: Candidate,
    inline: Map<string, JsonSchema>,
  ): OperationDescription {
    const operationId = memberText(node, 'operationId');
    const summary = memberText(node, 'summary') ?? memberText(node, 'description') ?? memberText(item, 'summary');
    const parameters = describeParameters(path, item, node, this.#source);
    const body = this.#body(method, node);
    const servers = [...memberArray(node, 'servers'), ...memberArray(item, 'servers')];
    const urls = servers.flatMap((server) => memberText(server, 'url') ?? []);
    // Answers are named last: a refused operation leaves no schema behind.
    const named = new Map<string, JsonSchema>();
    const responses = this.#responses(id, node, named);
    for (const [name, schema] of named) inline.set(name, schema);
    return {
      id,
      ...(operationId === undefined || operationId === id ? {} : { operationId }),
      method,
      path,
      ...(summary === undefined ? {} : { summary }),
      ...(member(node, 'deprecated') === true ? { deprecated: true } : {}),
      parameters,
      ...(body === undefined ? {} : { body }),
      responses,
      ...(urls.length === 0 ? {} : { servers: urls }),
      location: locationOf(node) ?? this.#start,
    };
  }

  #body(method: Method, node: JsonObject): BodyDescription | undefined {
    const body = this.#dereference(member(node, 'requestBody'));
    if (!isObject(body)) return undefined;
    const media = this.#media(body);
    if (media.length === 0) return undefined;
    const isRequired = member(body, 'required') === true;
    if (bodyless.has(method) && !isRequired) {
      // RFC 9110 section 9.3.1: content in such a request has no defined meaning, and servers may refuse it.
      this.#warn('body-on-safe-method', `the optional body of a ${method} is left out`, body);
      return undefined;
    }
    const description = memberText(body, 'description');
    return { ...(isRequired ? { required: true } : {}), ...(description === undefined ? {} : { description }), media };
  }

  #responses(id: string, node: JsonObject, named: Map<string, JsonSchema>): ResponseDescription[] {
    const described: ResponseDescription[] = [];
    for (const [key, value] of Object.entries(memberObject(node, 'responses') ?? {})) {
      if (key.startsWith('x-')) continue;
      const status = /^[1-5]xx$/i.test(key) ? key.toUpperCase() : key;
      if (!/^([1-5]\d\d|[1-5]XX|default)$/.test(status)) {
        this.#warn('status', `there is no status ${JSON.stringify(key)}; the answer is left out`, value);
        continue;
      }
      const response = this.#dereference(value);
      const all = this.#media(response);
      const json = all.filter(({ media }) => isJsonMedia(media));
      // Who asks for JSON gets JSON: other forms of the same answer are not asked for.
      const media = (json.length > 0 ? json : all).map((each) => this.#named(`${id}.${status}`, each, named));
      const description = memberText(response, 'description');
      described.push({ status, ...(description === undefined ? {} : { description }), media });
    }
    return described;
  }

  #named(stem: string, media: MediaDescription, named: Map<string, JsonSchema>): MediaDescription {
    if (media.schema === undefined) return media;
    const schema = media.schema;
    const isReference = typeof schema === 'object' && Object.keys(schema).length === 1;
    const existing = isReference ? referencedName(schema) : undefined;
    if (existing !== undefined) return { ...media, schemaName: existing };
    const text = JSON.stringify(schema);
    const same = [...named].find(([name, other]) => name.startsWith(stem) && JSON.stringify(other) === text);
    const schemaName = same?.[0] ?? this.#schemas.reserve(stem);
    named.set(schemaName, schema);
    return { ...media, schemaName };
  }

  #media(holder: unknown): MediaDescription[] {
    return Object.entries(memberObject(holder, 'content') ?? {}).map(([name, value]) => {
      const content = this.#dereference(value);
      const schema = member(content, 'schema');
      const media = this.#mediaName(name, content);
      return schema === undefined ? { media } : { media, schema: this.#schemas.convert(schema) };
    });
  }

  /** What frameworks write for "whatever the default is" is JSON in practice, and something definite has to be sent. */
  #mediaName(name: string, content: unknown): string {
    if (!/^(\*|application)\/\*$/.test(name.trim()) || member(member(content, 'schema'), 'format') === 'binary')
      return name;
    this.#warn('media-range', `${name} is taken as application/json`, content);
    return 'application/json';
  }

  #dereference(node: unknown): unknown {
    return dereference(this.#document, node, this.source.unresolved);
  }

  #refuse(method: string, path: string, reason: string, location: Location | undefined): void {
    this.#refused.push({ method, path, reason, ...(location ?? this.#start) });
  }

  #warn(rule: string, message: string, node: unknown): void {
    this.#warnings.push({ rule, message, ...(locationOf(node) ?? this.#start) });
  }
}

/** The components that bodies and answers refer to, directly or not, and the answers without a name of their own. */
function reachable(
  operations: readonly OperationDescription[],
  components: ReadonlyMap<string, JsonSchema>,
  inline: ReadonlyMap<string, JsonSchema>,
): ReadonlyMap<string, JsonSchema> {
  const media = operations.flatMap(({ body, responses }) => {
    const answers = responses.flatMap((response) => response.media);
    return body === undefined ? answers : answers.concat(body.media);
  });
  const pending = media.flatMap(({ schema }) => (schema === undefined ? [] : Array.from(referencesOf(schema))));
  const reached = new Set(pending);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    for (const next of referencesOf(components.get(name) ?? true)) {
      if (!reached.has(next)) pending.push(next);
      reached.add(next);
    }
  }
  return new Map([...[...components].filter(([name]) => reached.has(name)), ...inline]);
}
