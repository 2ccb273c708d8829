import {
  isObject,
  mapMembers,
  member,
  memberArray,
  memberObject,
  memberText,
  parsePointer,
  resolvePointer,
  type JsonObject,
} from './json.js';
import { keepOrigin, locationOf, type ContractWarning } from './location.js';
import { mapReferences, memberKind } from './node-kinds.js';
import { methods } from './methods.js';

/**
 * A Swagger 2.0 document as OpenAPI 3.0, as far as this workspace needs it (paths, parameters, bodies, responses, schemas, addresses).
 * Form fields and body parameters become request bodies, `consumes` and `produces` their media types.
 */
export function convertSwagger2(document: JsonObject, warn: (warning: ContractWarning) => void): JsonObject {
  const converter = new Swagger2Converter(document, warn);
  const paths = mapMembers(memberObject(document, 'paths') ?? {}, (item) =>
    isObject(item) ? converter.pathItem(item) : undefined,
  );
  const schemas = mapMembers(memberObject(document, 'definitions') ?? {}, (schema) => convertSchema(schema));
  return keepOrigin(
    {
      openapi: '3.0.3',
      info: member(document, 'info') ?? {},
      servers: converter.servers(),
      ...(member(document, 'tags') === undefined ? {} : { tags: member(document, 'tags') }),
      paths,
      ...(Array.isArray(member(document, 'security')) ? { security: member(document, 'security') } : {}),
      components: { schemas, securitySchemes: memberObject(document, 'securityDefinitions') ?? {} },
    },
    document,
  );
}

class Swagger2Converter {
  constructor(
    private readonly document: JsonObject,
    private readonly warn: (warning: ContractWarning) => void,
  ) {}

  servers(): JsonObject[] {
    const host = memberText(this.document, 'host');
    const path = memberText(this.document, 'basePath') ?? '/';
    if (host === undefined) return [{ url: path }];
    const schemes = memberArray(this.document, 'schemes').filter((scheme) => typeof scheme === 'string');
    return (schemes.length === 0 ? ['https'] : schemes).map((scheme) => ({
      url: `${scheme}://${host}${path === '/' ? '' : path}`,
    }));
  }

  pathItem(item: JsonObject): JsonObject {
    const shared = memberArray(item, 'parameters');
    return mapMembers(item, (value, key) => {
      if (key === 'parameters') return undefined;
      return methods.has(key.toUpperCase()) && isObject(value) ? this.#operation(value, shared) : value;
    });
  }

  #operation(operation: JsonObject, shared: readonly unknown[]): JsonObject {
    const parameters = overridden(
      shared.map((each) => this.#resolve(each)),
      memberArray(operation, 'parameters').map((each) => this.#resolve(each)),
    );
    const consumes = this.#media(operation, 'consumes');
    const produces = this.#media(operation, 'produces');
    const body = parameters.find((each) => member(each, 'in') === 'body');
    const form = parameters.filter((each) => member(each, 'in') === 'formData');
    const others = parameters.filter((each) => member(each, 'in') !== 'body' && member(each, 'in') !== 'formData');
    const request =
      body === undefined ? (form.length === 0 ? undefined : this.#formBody(form, consumes)) : jsonBody(body, consumes);
    return keepOrigin(
      {
        ...pickMembers(operation, ['operationId', 'summary', 'description', 'deprecated', 'tags', 'security']),
        parameters: others.map((each) => this.#parameter(each)),
        ...(request === undefined ? {} : { requestBody: request }),
        responses: mapMembers(memberObject(operation, 'responses') ?? {}, (each, status) =>
          status.startsWith('x-') ? undefined : response(this.#resolve(each), produces),
        ),
      },
      operation,
    );
  }

  #resolve(node: unknown): unknown {
    const reference = member(node, '$ref');
    if (typeof reference !== 'string') return node;
    const tokens = reference.startsWith('#') ? parsePointer(reference.slice(1)) : undefined;
    return (tokens === undefined ? undefined : resolvePointer(this.document, tokens)) ?? node;
  }

  #media(operation: JsonObject, key: 'consumes' | 'produces'): string[] {
    const own = memberArray(operation, key);
    const media = (own.length > 0 ? own : memberArray(this.document, key)).filter((each) => typeof each === 'string');
    return media.length > 0 ? media : ['application/json'];
  }

  #parameter(parameter: unknown): unknown {
    if (!isObject(parameter) || typeof parameter.$ref === 'string') return parameter;
    const location = member(parameter, 'in');
    return keepOrigin(
      {
        ...pickMembers(parameter, ['name', 'in', 'required', 'description', 'allowEmptyValue']),
        ...this.#style(parameter, location === 'query'),
        schema: valueSchema(parameter),
      },
      parameter,
    );
  }

  #formBody(fields: readonly unknown[], consumes: readonly string[]): JsonObject {
    const required = fields
      .filter((field) => member(field, 'required') === true)
      .map((field) => memberText(field, 'name'));
    const properties: JsonObject = {};
    for (const field of fields) {
      const name = memberText(field, 'name');
      if (name !== undefined && isObject(field)) properties[name] = valueSchema(field);
    }
    const schema = { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
    const styled = fields.flatMap((field) => {
      const name = memberText(field, 'name');
      const style = isObject(field) ? this.#style(field, true) : {};
      return name === undefined || Object.keys(style).length === 0 ? [] : [[name, style] as const];
    });
    const encoding = styled.length === 0 ? {} : { encoding: Object.fromEntries(styled) };
    const hasFile = fields.some((field) => member(field, 'type') === 'file');
    const declared = consumes.filter(
      (media) => media === 'multipart/form-data' || media === 'application/x-www-form-urlencoded',
    );
    const media =
      declared.length > 0 ? declared : [hasFile ? 'multipart/form-data' : 'application/x-www-form-urlencoded'];
    return {
      ...(required.length === 0 ? {} : { required: true }),
      content: Object.fromEntries(media.map((each) => [each, { schema, ...encoding }])),
    };
  }

  #style(parameter: JsonObject, isQuery: boolean): JsonObject {
    if (member(parameter, 'type') !== 'array') return {};
    const format = memberText(parameter, 'collectionFormat') ?? 'csv';
    if (format === 'multi' && isQuery) return { style: 'form', explode: true };
    if (format === 'pipes' && isQuery) return { style: 'pipeDelimited', explode: false };
    if (format === 'ssv' && isQuery) return { style: 'spaceDelimited', explode: false };
    if (format !== 'csv') {
      const location = locationOf(parameter);
      const message = `collectionFormat ${format} is read as csv`;
      if (location !== undefined) this.warn({ rule: 'collection-format', message, ...location });
    }
    return isQuery ? { style: 'form', explode: false } : {};
  }
}

/** Parameters of an operation replace those of its path with the same name and location. */
function overridden(shared: readonly unknown[], own: readonly unknown[]): unknown[] {
  const same = (one: unknown, other: unknown): boolean =>
    member(one, 'name') === member(other, 'name') && member(one, 'in') === member(other, 'in');
  return [...shared.filter((each) => !own.some((other) => same(each, other))), ...own];
}

function jsonBody(parameter: unknown, consumes: readonly string[]): JsonObject {
  const schema = convertSchema(member(parameter, 'schema') ?? {});
  return {
    ...(member(parameter, 'required') === true ? { required: true } : {}),
    content: Object.fromEntries(consumes.map((media) => [media, { schema }])),
  };
}

function response(node: unknown, produces: readonly string[]): unknown {
  if (!isObject(node) || typeof node.$ref === 'string') return node;
  const schema = member(node, 'schema');
  const content =
    schema === undefined
      ? {}
      : { content: Object.fromEntries(produces.map((media) => [media, { schema: convertSchema(schema) }])) };
  return keepOrigin({ description: member(node, 'description') ?? '', ...content }, node);
}

const notOfSchema: ReadonlySet<string> = new Set(['name', 'in', 'required', 'collectionFormat', 'allowEmptyValue']);

/** The schema that stands among the members of a parameter. */
function valueSchema(parameter: JsonObject): unknown {
  return convertSchema(mapMembers(parameter, (value, key) => (notOfSchema.has(key) ? undefined : value)));
}

const componentReference = (reference: string): string =>
  reference.replace(/^#\/definitions\//, '#/components/schemas/');

function convertSchema(schema: unknown): unknown {
  const moved = mapReferences(schema, 'schema', {
    reference: (node, reference) => keepOrigin({ ...node, $ref: componentReference(reference) }, node),
    // Authors write the discriminator of OpenAPI 3 in Swagger 2, too.
    discriminator: (node) => {
      const mapping = memberObject(node, 'mapping');
      if (mapping === undefined) return node;
      const targets = mapMembers(mapping, (target) =>
        typeof target === 'string' ? componentReference(target) : target,
      );
      return keepOrigin({ ...node, mapping: targets }, node);
    },
  });
  return convertKeywords(moved);
}

function convertKeywords(schema: unknown): unknown {
  if (Array.isArray(schema)) return keepOrigin(schema.map(convertKeywords), schema);
  if (!isObject(schema)) return schema;
  const { type, discriminator, ...rest } = schema;
  const inner = mapMembers(keepOrigin(rest, schema), (value, key) => {
    if (key === 'x-nullable') return undefined;
    const kind = memberKind('schema', key);
    if (kind === 'schemas' && isObject(value)) return mapMembers(value, convertKeywords);
    return kind === 'data' ? value : convertKeywords(value);
  });
  return keepOrigin(
    {
      ...(type === 'file' ? { type: 'string', format: 'binary' } : type === undefined ? {} : { type }),
      ...(typeof discriminator === 'string' ? { discriminator: { propertyName: discriminator } } : {}),
      ...(isObject(discriminator) ? { discriminator } : {}),
      ...(member(schema, 'x-nullable') === true ? { nullable: true } : {}),
      ...inner,
    },
    schema,
  );
}

function pickMembers(node: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.filter((key) => Object.hasOwn(node, key)).map((key) => [key, node[key]]));
}
