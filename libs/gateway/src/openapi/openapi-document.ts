import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { originLines } from '@frontage/aggregation';
import { statedAgeMs } from '@frontage/core';
import { DocComments, wordsOf, type OperationWords } from './doc-comments.js';
import { withParts, type PartialSchema } from './openapi-parts.js';
import {
  commonHeaders,
  headerComponents,
  possibleProblems,
  problemResponses,
  rateHeaders,
} from './openapi-problems.js';
import { problemSchema } from './problem-schema.js';
import { bodyContent, inputParameters, inputSchema, mayBeAbsent } from './openapi-inputs.js';
import { ResponseExamples } from './response-examples.js';
import type { BoundRoute, BoundScreen } from '../exchange/exchange.js';
import type { GatewayRuntime } from '../runtime/runtime.js';
import { isOwn, type Route } from '../routes/routes.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * The OpenAPI document of a BFF, 3.1, or 3.2 where a route takes QUERY: inputs and responses of screens follow from their plans, hand-written controllers appear as
 * @nestjs/swagger sees them; all have the refusals of the pipeline, from the policy. Words come from `@ApiOperation` and
 * `@ApiTags`; where these say nothing, from the comment above the method and from the plan. Examples come from the committed document.
 */
export function openApiDocument(runtime: GatewayRuntime, application: INestApplication | undefined): Json {
  const { bff, access, file } = runtime.config;
  const examples = new ResponseExamples(file);
  const written = application === undefined ? undefined : controllersDocument(application);
  const paths: Record<string, Record<string, unknown>> = {};
  const components: Components = {
    schemas: { Problem: problemSchema, ...written?.components?.schemas },
    responses: {},
  };
  const operationIds = new Set<string>();
  const comments = new DocComments();
  for (const bound of runtime.routes) {
    const { route } = bound;
    if (isOwn(route)) continue;
    const path = documentPath(route);
    const method = route.method.toLowerCase();
    const found = isObject(written?.paths[path]) ? written.paths[path][method] : undefined;
    const words = withComments(isObject(found) ? found : undefined, route, comments);
    (paths[path] ??= {})[method] =
      route.kind === 'screen'
        ? {
            operationId: unusedId(route.screen?.plan.name ?? route.handler, operationIds),
            ...screenOperation(bound, runtime, { components, words, examples }),
          }
        : {
            ...words,
            ...common(route, words),
            responses: { ...problems(bound, runtime, components, false), ...known(words) },
          };
  }
  return {
    // A path item has `query` since 3.2; all else is the same in both.
    openapi: Object.values(paths).some((item) => 'query' in item) ? '3.2.0' : '3.1.0',
    info: {
      title: bff,
      version: '1.0.0',
      description:
        'Every error is a problem document (RFC 9457, `application/problem+json`) with a `code` to test for. Each operation lists the errors that it may answer with. These may come from any path, before the server knows which operation is meant: 400 (the request is malformed), 404 (no such path), 405 (the path does not take this method), 408 (the request took too long to arrive), 413 (the body is too large) and 431 (the headers are too large).',
    },
    paths: sorted(paths),
    components: {
      schemas: sorted(components.schemas),
      responses: sorted(components.responses),
      headers: headerComponents,
      ...(access && { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } }),
    },
  };
}

/** Members of `@ApiOperation` win, one by one. */
function withComments(words: Json | undefined, route: Route, comments: DocComments): Json | undefined {
  const { controller, handler } = route;
  const text = comments.above(route.source, controller.name, handler);
  const plan = route.screen?.plan.description;
  const said: OperationWords = wordsOf([text, plan].filter((one) => one !== undefined && one !== '').join('\n\n'));
  const { summary, ...others } = words ?? {};
  return { ...said, ...others, ...(typeof summary === 'string' && summary !== '' && { summary }) };
}

interface Components {
  readonly schemas: Record<string, unknown>;
  readonly responses: Record<string, unknown>;
}

type Written = ReturnType<typeof SwaggerModule.createDocument>;

function controllersDocument(application: INestApplication): Written {
  const builder = new DocumentBuilder().setOpenAPIVersion('3.1.0').build();
  return SwaggerModule.createDocument(application, builder, { autoTagControllers: false });
}

/** Members of every operation. */
function common({ access, controller }: Route, words: Json | undefined): Json {
  const { tags } = words ?? {};
  return {
    tags: Array.isArray(tags) && tags.length > 0 ? tags : [controller.name.replace(/Controller$/, '').toLowerCase()],
    ...(access !== 'public' && { security: [{ bearer: [...access.allScopes] }] }),
  };
}

function problems(bound: BoundRoute, { config }: GatewayRuntime, components: Components, takesInput: boolean): Json {
  return problemResponses(possibleProblems(bound, config, takesInput), components.responses);
}

const known = (words: Json | undefined): Json | undefined =>
  isObject(words?.['responses']) ? words['responses'] : undefined;

interface ScreenDocument {
  readonly components: Components;
  readonly words: Json | undefined;
  readonly examples: ResponseExamples;
}

function screenOperation(
  bound: BoundRoute,
  runtime: GatewayRuntime,
  { components, words, examples }: ScreenDocument,
): Json {
  const { route, screen } = bound;
  const plan = route.screen?.plan;
  if (plan === undefined || screen === undefined) throw new Error(`${route.method} ${route.path} has no screen`);
  const responseSchema = screen.compiled.isEmpty ? undefined : screen.compiled.responseSchema();
  Object.assign(components.schemas, responseSchema?.components);
  for (const problem of screen.compiled.problemSchemas()) Object.assign(components.schemas, problem.components);
  const response = responseSchema && withParts(responseSchema.schema, plan, components.schemas);
  const place = { path: documentPath(route), method: route.method.toLowerCase(), status: route.successStatus };
  const shown = response && examples.of(place, response.schema, components.schemas);
  const inputs = plan.inputs;
  const sent = (group: string) => inputSchema(inputs[group], plan.name, components.schemas);
  const body = sent('body');
  const takesInput = Object.keys(inputs).some((group) => sent(group) !== undefined);
  const { summary, description, deprecated } = words ?? {};
  const { upstreams } = runtime.config;
  const sources = originLines(screen.compiled.describe(), (name, id) => statedAgeMs(upstreams[name]?.cache[id]));
  return {
    ...(summary !== undefined && summary !== '' && { summary }),
    ...(description !== undefined && { description }),
    ...(deprecated === true && { deprecated }),
    ...common(route, words),
    parameters: (['path', 'query', 'header'] as const)
      .flatMap((place) => inputParameters(place, sent(place), inputs[place]))
      // One screen on several paths: each has the parameters that stand in it (OpenAPI 3.1 section 4.8.12.1).
      .filter((one) => one['in'] !== 'path' || route.path.split('/').includes(`:${String(one['name'])}`)),
    ...(body !== undefined && {
      requestBody: {
        required: !mayBeAbsent(inputs['body']),
        content: bodyContent(inputs['body'], body),
      },
    }),
    responses: {
      [route.successStatus]: success(route, response && { ...response, examples: shown }, {
        ...ownHeaders(route, screen, components),
        ...digestsHeader(runtime.config, plan.name),
      }),
      ...problems(bound, runtime, components, takesInput),
    },
    ...(Object.keys(sources).length > 0 && { 'x-frontage-source': sources }),
  };
}

/** The name of the plan; numbered if several routes have one screen (OpenAPI 3.1 section 4.8.10.1: ids are unique). */
function unusedId(plan: string, used: Set<string>): string {
  let id = plan;
  for (let count = 2; used.has(id); count++) id = `${plan}.${count}`;
  used.add(id);
  return id;
}

/** The headers that the screen and `@Header(...)` declare. */
function ownHeaders(route: Route, { compiled }: BoundScreen, components: Components): Json {
  const declared = compiled.headerSchemas();
  const cookies = route.screen?.head?.cookies ?? [];
  Object.assign(components.schemas, declared.components);
  return {
    ...Object.fromEntries(route.fixedHeaders.map(({ name }) => [name, { schema: { type: 'string' } }])),
    ...Object.fromEntries(Object.entries(declared.headers).map(([name, schema]) => [name, { schema }])),
    ...(cookies.length > 0 && {
      'Set-Cookie': {
        description: `Cookies: ${cookies.map(({ name }) => `\`${name}\``).join(', ')}.`,
        schema: { type: 'string' },
      },
    }),
  };
}

/** A client sees by it that the screen has deltas. */
const digestsHeader = ({ screens }: GatewayRuntime['config'], plan: string): Json =>
  screens[plan]?.deltas === true
    ? {
        'Frontage-Digests': {
          description:
            'Digests of the members of a complete response, for a request with `Frontage-Have`. Sent back in that field, they are answered with the members that have changed (`application/vnd.frontage.delta+json`).',
          schema: { type: 'string' },
        },
      }
    : {};

interface DocumentedResponse extends PartialSchema {
  readonly examples: Json | undefined;
}

function success({ rateClass }: Route, response: DocumentedResponse | undefined, own: Json): Json {
  const headers = { ...commonHeaders, ...(rateClass !== undefined && rateHeaders), ...own };
  if (response === undefined) return { description: 'Done; there is nothing to say about it.', headers };
  const { schema, partsIn, examples } = response;
  const where = { body: 'with `_parts` where', header: 'with the header `Frontage-Parts` where' };
  return {
    description: partsIn === undefined ? 'The screen.' : `The screen; ${where[partsIn]} parts of it are missing.`,
    headers: {
      ...headers,
      ...(partsIn === 'header' && { 'Frontage-Parts': { $ref: '#/components/headers/FrontageParts' } }),
    },
    content: { 'application/json': { schema, ...examples } },
  };
}

/** The path in the syntax of OpenAPI: `/orders/{id}`. */
const documentPath = ({ path }: Route): string => path.replace(/:(\w+)/g, '{$1}');

const sorted = (members: Readonly<Record<string, unknown>>): Json =>
  Object.fromEntries(Object.entries(members).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const isObject = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x);
