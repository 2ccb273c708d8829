import { isSafe, removingMethods, type JsonSchema, type Method } from '@frontage/core';
import { describeBody, describeResponses } from './describe-content.js';
import type { DocumentSource } from '../schema/document-source.js';
import { isSet } from '../content/flags.js';
import { isObject, member, memberObject, memberText, type JsonObject } from '../document/json.js';
import { locationOf, type ContractWarning, type Location } from '../document/location.js';
import { additionalMethods, methods } from '../document/methods.js';
import type {
  MediaDescription,
  OperationDescription,
  OperationsDescription,
  RefusedOperation,
} from './operation-description.js';
import { OperationNames, toIdentifier } from './operation-names.js';
import { ownerOf } from './owners.js';
import { describeInputs, describeParameters } from './parameters.js';
import { Directions } from '../schema/directions.js';
import { settleTaggedUnions } from '../inheritance/tagged-unions.js';
import { unfoldInheritance } from '../inheritance/unfold-inheritance.js';
import { withRequiredMembers } from '../keywords/required-members.js';
import { dereference } from '../schema/dereference.js';
import { ContractFault, SchemaRegistry } from '../schema/schema-registry.js';
import { schemasOf } from './select-operations.js';
import { describeSchemes, describeSecurity } from './security.js';
import { ownServers, serverUrls } from './servers.js';

export interface OpenApiSource {
  /** OpenAPI 3.x; all references stay inside the document. */
  readonly document: JsonObject;
  readonly file: string;
  /** The reason why a reference to another document could not be followed, by the reference. */
  readonly unresolved: ReadonlyMap<string, string>;
}

/** Describes every operation of a document, or refuses it with a reason: operations = described + refused. */
export function describeOperations(source: OpenApiSource): OperationsDescription {
  return new Describer(source).describe();
}

interface Candidate {
  readonly method: Method;
  readonly path: string;
  readonly item: JsonObject;
  readonly node: JsonObject;
}

function withDirections(operation: OperationDescription, directions: Directions): OperationDescription {
  const settled = (media: MediaDescription): MediaDescription =>
    media.schema === undefined ? media : { ...media, schema: directions.settle(media.schema) };
  const { parameters, body, responses } = operation;
  return {
    ...operation,
    parameters: parameters.map((each) => ({ ...each, schema: directions.settle(each.schema) })),
    ...(body === undefined ? {} : { body: { ...body, media: body.media.map(settled) } }),
    responses: responses.map((each) => ({ ...each, media: each.media.map(settled) })),
  };
}

class Describer {
  readonly #document: JsonObject;
  readonly #warnings: ContractWarning[] = [];
  readonly #refused: RefusedOperation[] = [];
  readonly #schemas: SchemaRegistry;
  readonly #start: Location;
  readonly #source: DocumentSource;
  readonly #documentServers: readonly string[];

  constructor(private readonly source: OpenApiSource) {
    const document = withRequiredMembers(source.document, (...told) => this.#warn(...told));
    this.#document = settleTaggedUnions(unfoldInheritance(document));
    this.#start = { file: source.file, line: 1, column: 1 };
    this.#schemas = new SchemaRegistry(this.#document, source.unresolved, (warning) => this.#warnings.push(warning));
    this.#source = {
      dereference: (node) => this.#dereference(node),
      convert: (schema) => this.#schemas.convert(schema),
      component: (name) => this.#schemas.schema(name),
      reserve: (stem) => this.#schemas.reserve(stem),
      warn: (rule, message, node, key) => this.#warn(rule, message, node, key),
    };
    this.#documentServers = serverUrls(this.#document, (...told) => this.#warn(...told));
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
        if (!(error instanceof ContractFault)) throw error;
        this.#refuse(candidate.method, candidate.path, error.reason, error.location ?? locationOf(candidate.node));
      }
    }
    const directions = new Directions((name) => this.#schemas.schema(name));
    const components = new Map(
      this.#schemas.names().map((name) => [name, directions.settle(this.#schemas.schema(name) ?? true)]),
    );
    const settled = [...inline].map(([name, schema]) => [name, directions.settle(schema)] as const);
    const own = operations.map((operation) => withDirections(operation, directions));
    const schemas = schemasOf(own, new Map([...components, ...settled]));
    this.#warnOfWebhooks();
    const servers = this.#documentServers;
    const securitySchemes = describeSchemes(this.#document, this.#source);
    const owner = this.#owner(memberObject(this.#document, 'info'));
    const found = { operations: own, refused: this.#refused, schemas, components, securitySchemes, servers };
    return { ...found, ...(owner === undefined ? {} : { owner }), warnings: this.#warnings };
  }

  #candidates(): Candidate[] {
    const candidates: Candidate[] = [];
    for (const [path, value] of Object.entries(memberObject(this.#document, 'paths') ?? {})) {
      if (path.startsWith('x-')) continue;
      const item = this.#pathItem(path, value);
      if (item === undefined) continue;
      for (const [key, node] of Object.entries(item)) {
        const method = /^[a-z]+$/.test(key) ? methods.get(key.toUpperCase()) : undefined;
        if (method !== undefined) candidates.push(...this.#candidate(method, path, item, node));
        if (key !== 'additionalOperations' || !isObject(node)) continue;
        for (const [name, each] of Object.entries(node)) {
          const additional = additionalMethods.get(name);
          if (additional !== undefined) candidates.push(...this.#candidate(additional, path, item, each));
          else if (methods.has(name))
            this.#refuse(name, path, `${name} stands under ${name.toLowerCase()} of the path`, locationOf(each));
          else this.#refuse(name, path, `the method ${name} is not one that Node.js speaks`, locationOf(each));
        }
      }
    }
    return candidates;
  }

  #candidate(method: Method, path: string, item: JsonObject, node: unknown): Candidate[] {
    if (isObject(node) && path.startsWith('/')) return [{ method, path, item, node }];
    const reason = isObject(node) ? 'a path begins with /' : 'an operation is a mapping';
    this.#refuse(method, path, reason, locationOf(node) ?? locationOf(item));
    return [];
  }

  #warnOfWebhooks(): void {
    const webhooks = memberObject(this.#document, 'webhooks');
    const count = Object.keys(webhooks ?? {}).length;
    if (count > 0)
      this.#warn(
        'webhooks',
        `webhooks (${count}) are calls that the service makes; no operation is made of them`,
        webhooks,
      );
  }

  #pathItem(path: string, value: unknown): JsonObject | undefined {
    try {
      const found = this.#dereference(value);
      if (!isObject(found)) throw new ContractFault('a path item is a mapping', locationOf(value));
      const { $ref: _, ...siblings } = isObject(value) ? value : {};
      return found === value ? found : { ...found, ...siblings };
    } catch (error) {
      if (!(error instanceof ContractFault)) throw error;
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
    const servers = ownServers({ id, node, item }, this.#documentServers, (...told) => this.#warn(...told));
    const owner = this.#owner(node) ?? this.#owner(item);
    const security = describeSecurity(node, this.#document, this.#source);
    // A refused operation leaves no schema behind.
    const named = new Map<string, JsonSchema>();
    const inputs = describeInputs(id, parameters, this.#source, named);
    const body = describeBody({ id, method }, node, this.#source, named);
    const responses = describeResponses(id, node, this.#source, named);
    for (const [name, schema] of named) inline.set(name, schema);
    return {
      id,
      ...(operationId === undefined || operationId === id ? {} : { operationId }),
      method,
      path,
      ...(summary === undefined ? {} : { summary }),
      ...(isSet(node, 'deprecated', this.#source) ? { deprecated: true } : {}),
      ...(owner === undefined ? {} : { owner }),
      ...this.#safety(method, node),
      parameters,
      inputs,
      ...(body === undefined ? {} : { body }),
      responses,
      ...(security === undefined ? {} : { security }),
      ...(servers === undefined ? {} : { servers }),
      location: locationOf(node) ?? this.#start,
    };
  }

  /** The mark of an operation that only reads, whatever its method. Safe methods need none. */
  #safety(method: Method, node: JsonObject): { readonly safe?: true } {
    const mark = member(node, 'x-frontage-safe');
    if (mark === undefined || mark === false || isSafe({ method })) return {};
    if (mark === true && !removingMethods.has(method)) return { safe: true };
    const why =
      mark === true
        ? `a ${method} removes something by definition, so x-frontage-safe has no effect here`
        : `x-frontage-safe is ${JSON.stringify(mark)}; write true, without quotes`;
    this.#warn('frontage-safe', why, node);
    return {};
  }

  #owner = (node: JsonObject | undefined): string | undefined => ownerOf(node, (...told) => this.#warn(...told));

  #dereference(node: unknown): unknown {
    return dereference(this.#document, node, this.source.unresolved);
  }

  #refuse(method: string, path: string, reason: string, location: Location | undefined): void {
    this.#refused.push({ method, path, reason, ...(location ?? this.#start) });
  }

  #warn(rule: string, message: string, node: unknown, key?: string): void {
    this.#warnings.push({ rule, message, ...(locationOf(node, key) ?? this.#start) });
  }
}
