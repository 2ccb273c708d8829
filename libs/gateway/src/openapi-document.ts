import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { AnyPlan } from '@frontage/aggregation';
import { errorCodes, type ErrorCode } from '@frontage/core';
import { z } from 'zod';
import { withParts } from './openapi-parts.js';
import type { BoundRoute, GatewayRuntime } from './runtime.js';

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document of a BFF: screens from their plans and answers, hand-written controllers as @nestjs/swagger sees them. */
export function openApiDocument(runtime: GatewayRuntime, application: INestApplication | undefined): Json {
  const { bff, access } = runtime.config;
  const written = application === undefined ? undefined : controllersDocument(application);
  const paths: Record<string, Record<string, unknown>> = {};
  const schemas: Record<string, unknown> = { Problem: problemSchema, ...written?.components?.schemas };
  for (const { path, method, operation } of writtenOperations(runtime, written))
    (paths[path] ??= {})[method] = operation;
  const operationIds = new Set<string>();
  for (const bound of runtime.routes) {
    const { screen } = bound.route;
    if (bound.screen === undefined || screen === undefined) continue;
    const path = bound.route.path.replace(/:(\w+)/g, '{$1}');
    const { schema, components } = bound.screen.compiled.answerSchema();
    Object.assign(schemas, components);
    const answer = withParts(schema, screen.plan, schemas);
    (paths[path] ??= {})[bound.route.method.toLowerCase()] = {
      operationId: unusedId(screen.plan.name, operationIds),
      ...screenOperation(bound, answer),
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: bff, version: '1.0.0' },
    paths: Object.fromEntries(Object.entries(paths).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      ...(access && { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } }),
    },
  };
}

type Written = ReturnType<typeof SwaggerModule.createDocument>;

function controllersDocument(application: INestApplication): Written {
  return SwaggerModule.createDocument(application, new DocumentBuilder().setOpenAPIVersion('3.1.0').build());
}

/** What @nestjs/swagger found of routes that are neither screens nor our own. */
function* writtenOperations(
  runtime: GatewayRuntime,
  written: Written | undefined,
): Generator<{ readonly path: string; readonly method: string; readonly operation: unknown }> {
  const own = new Set(
    runtime.routes
      .filter(({ route }) => route.kind !== 'controller')
      .map(({ route }) => `${route.method.toLowerCase()} ${route.path.replace(/:(\w+)/g, '{$1}')}`),
  );
  for (const [path, item] of Object.entries(written?.paths ?? {})) {
    for (const [method, operation] of Object.entries(item)) {
      if (!own.has(`${method} ${path}`)) yield { path, method, operation };
    }
  }
}

function screenOperation({ route, screen }: BoundRoute, answer: unknown): Json {
  const plan = route.screen?.plan;
  const inputs = plan?.inputs ?? {};
  const body = schemaOf(inputs['body']);
  const problems: ErrorCode[] = ['GW_INTERNAL', 'GW_UPSTREAM_FAILED', 'GW_OVERLOADED', 'GW_UPSTREAM_TIMEOUT'];
  if (route.access !== 'public') problems.push('GW_UNAUTHENTICATED', 'GW_FORBIDDEN');
  if (route.rateClass !== undefined) problems.push('GW_RATE_LIMITED');
  if (Object.keys(inputs).some((group) => schemaOf(inputs[group]) !== undefined)) problems.push('GW_INVALID_INPUT');
  if (body !== undefined) problems.push('GW_PAYLOAD_TOO_LARGE', 'GW_UNSUPPORTED_MEDIA_TYPE');
  const statuses = new Set([...problems.map((code) => errorCodes[code].status), ...declaredStatuses(plan)]);
  return {
    tags: [route.controller.name.replace(/Controller$/, '').toLowerCase()],
    parameters: (['path', 'query', 'header'] as const)
      .flatMap((place) => parameters(place, schemaOf(inputs[place])))
      // One screen on several paths: each has the parameters that stand in it (OpenAPI 3.1 section 4.8.12.1).
      .filter((one) => one['in'] !== 'path' || route.path.split('/').includes(`:${String(one['name'])}`)),
    ...(body !== undefined && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    ...(route.access !== 'public' && { security: [{ bearer: [...route.access.allScopes] }] }),
    responses: {
      [route.successStatus]: success(screen?.compiled.isEmpty === true, answer),
      ...Object.fromEntries(
        [...statuses]
          .toSorted((a, b) => a - b)
          .map((status) => [
            status,
            {
              description: reasons(status),
              content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
            },
          ]),
      ),
    },
  };
}

/** The name of the plan; numbered where several routes answer with one screen (OpenAPI 3.1 section 4.8.10.1: ids are unique). */
function unusedId(plan: string, used: Set<string>): string {
  let id = plan;
  for (let count = 2; used.has(id); count++) id = `${plan}.${count}`;
  used.add(id);
  return id;
}

const success = (isEmpty: boolean, answer: unknown): Json =>
  isEmpty
    ? { description: 'Done; there is nothing to say about it.' }
    : {
        description: 'The screen; with `_parts` where parts of it are missing.',
        content: { 'application/json': { schema: answer } },
      };

/** What the plan itself may answer with: problems it declares, and the declared 404 of what it cannot do without. */
function declaredStatuses(plan: AnyPlan | undefined): number[] {
  return (plan?.parts ?? []).flatMap(({ node }) => {
    if (node.kind === 'step') return node.refuses.map(([, { status }]) => status);
    const call = 'call' in node ? node.call : node;
    const refused = Object.values(call.refuseOn).map((refusal) => refusal.problem.status);
    const unknown = call.need !== 'optional' && call.operation.responses.some(({ status }) => status === '404');
    return unknown ? [...refused, errorCodes.GW_NOT_FOUND.status] : refused;
  });
}

const reasons = (status: number): string =>
  Object.values(errorCodes).find((entry) => entry.status === status)?.title ?? 'A problem that this screen declares';

/** JSON Schema of what a client may send; undefined for input that does not come from the request. */
function schemaOf(schema: unknown): Json | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return json;
}

function parameters(place: 'path' | 'query' | 'header', schema: Json | undefined): Json[] {
  const properties = (schema?.['properties'] ?? {}) as Json;
  const required = (schema?.['required'] ?? []) as readonly string[];
  return Object.entries(properties).map(([name, own]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: own,
  }));
}

const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457.',
  required: ['type', 'title', 'status', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string' },
    code: { type: 'string' },
    requestId: { type: 'string' },
    part: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'message'],
        properties: { pointer: { type: 'string' }, message: { type: 'string' } },
      },
    },
    writes: {
      type: 'object',
      description: 'What became of the changes, by part.',
      required: ['done', 'undone', 'unknown'],
      properties: Object.fromEntries(
        ['done', 'undone', 'unknown'].map((name) => [name, { type: 'array', items: { type: 'string' } }]),
      ),
    },
  },
};
