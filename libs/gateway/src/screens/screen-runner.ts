import type { ServerResponse } from 'node:http';
import type { BffConfig } from '@frontage/config';
import { errorCodes, problemOf, type Clock, type WritesReport } from '@frontage/core';
import { compileScreen, type LastGoodStore, type RenderedHead, type ScreenResult } from '@frontage/aggregation';
import { exchangeOf, rawResponse, type BoundScreen, type Exchange, type ScreenInput } from '../exchange/exchange.js';
import { compileEvent } from './business-event.js';
import { compileHeadWriter } from './head-writer.js';
import { masked, ScreenMasks } from './screen-masks.js';
import { compileInput } from '../body/input.js';
import { writeNotModified, writeProblem, writeResponse } from '../exchange/responder.js';
import type { KnownTags } from '../validators/known-tags.js';
import { Validation } from '../validators/validation.js';
import type { Route } from '../routes/routes.js';
import type { UpstreamRegistry } from '../outbound/upstream-registry.js';
import type { AnyScreen } from '../routes/screen-of.js';
import { scenarioHeader, Scenarios } from './scenarios.js';

/** The parts of the app that a screen uses. */
export interface ScreenApp {
  readonly config: BffConfig;
  readonly clock: Clock;
  readonly upstreams: UpstreamRegistry;
  readonly lastGood?: LastGoodStore | undefined;
  /** Clients may ask for states of a screen. */
  readonly hasScenarios: boolean;
  /** Absent where no screen has validators. */
  readonly tags: KnownTags | undefined;
}

interface Hijackable {
  readonly raw: ServerResponse;
  /** Fastify: the gateway writes the response itself, past `reply.send`. */
  hijack(): unknown;
}

/** Called by every method under `@Screen(...)`. The guard has put the exchange, and with it the bound screen, on the request. */
export function runScreen(screen: AnyScreen, input: ScreenInput, response: ServerResponse | Hijackable): Promise<void> {
  const raw = rawResponse(response);
  if ('hijack' in response) response.hijack();
  const exchange = exchangeOf(raw.req);
  const bound = exchange?.bound.screen;
  if (exchange === undefined || bound === undefined) {
    throw new Error(
      `the screen '${screen.plan.name}' was reached without its pipeline: import FrontageModule.forRoot(...) into the root module`,
    );
  }
  return bound.respond(exchange, input);
}

/** A response has one list of the fields that it varies by. */
function withVary(fields: readonly string[], perCaller: readonly string[]): readonly string[] {
  const [vary, byCaller] = perCaller;
  if (vary === undefined || byCaller === undefined) return fields;
  const at = fields.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === vary);
  return at === -1 ? [...fields, ...perCaller] : fields.with(at + 1, `${fields[at + 1] ?? ''}, ${byCaller}`);
}

/** The fate of the changes of a request that failed. */
const writesOf = (result: ScreenResult): { readonly writes?: WritesReport } =>
  result.kind === 'problem' && result.writes !== undefined ? { writes: result.writes } : {};

/** Binds a screen to the clients and the policy of one app, at boot. */
export function bindScreen(screen: AnyScreen, route: Route, app: ScreenApp): BoundScreen {
  const policy = app.config.plans[screen.plan.name];
  const scenarios = app.hasScenarios ? new Scenarios(() => compiled.describe()) : undefined;
  const compiled = compileScreen(screen, {
    bind: (operation, { part, timeoutMs, readBody, need, role }) => {
      const execute = app.upstreams.executor(operation, {
        timeoutMs,
        readBody,
        // A page that has come to its fallbacks can do without them.
        need: role === 'fallback' && need !== 'write' ? 'optional' : need,
        judgesNumbers: true,
      });
      return scenarios === undefined || role !== 'call' ? execute : scenarios.around(part, execute);
    },
    whyParsed: (operation) => app.upstreams.whyParsed(operation),
    clock: app.clock,
    reserveMs: app.config.reserveMs,
    policy,
    ...(app.lastGood && { lastGood: app.lastGood }),
  });
  const validate = compileInput(screen.plan.inputs, `${route.controller.name}.${route.handler}`);
  const tags = app.config.screens[screen.plan.name]?.etag === true ? app.tags : undefined;
  // A response for one caller is private (RFC 9111 section 3.5); a partial one must not be stored.
  const forCaller = tags === undefined ? 'private, no-store' : 'private, no-cache';
  const cacheControl = route.access === 'public' ? 'no-cache' : forCaller;
  const perCaller: readonly string[] = route.access === 'public' ? [] : ['vary', 'authorization'];
  const writeHead = compileHeadWriter({
    plan: screen.plan.name,
    fixed: route.fixedHeaders,
    head: screen.head,
    isForCaller: route.access !== 'public',
  });

  const plainHead = { fields: perCaller, cacheControl };
  const headOf = (rendered: RenderedHead | undefined): typeof plainHead => {
    if (writeHead === undefined) return plainHead;
    const head = writeHead(rendered);
    return { fields: withVary(head.fields, perCaller), cacheControl: head.cacheControl ?? cacheControl };
  };
  const write = (exchange: Exchange, result: ScreenResult, validation: Validation | undefined): void => {
    switch (result.kind) {
      case 'complete': {
        const head = headOf(result.head);
        if (validation === undefined) return writeResponse(exchange, result, head.cacheControl, head.fields);
        const body = Buffer.from(result.body, result.encoding);
        if (validation.take(result, body))
          return writeNotModified(exchange, validation.tag, head.cacheControl, head.fields);
        return writeResponse(exchange, { body, encoding: result.encoding }, head.cacheControl, [
          'etag',
          validation.tag,
          ...head.fields,
        ]);
      }
      case 'unchanged': {
        const head = headOf(result.head);
        return writeNotModified(exchange, validation?.tag ?? '', head.cacheControl, head.fields);
      }
      case 'partial': {
        exchange.context.missingParts = result.missing;
        const parts = result.header === undefined ? [] : ['frontage-parts', result.header];
        return writeResponse(exchange, result, 'no-store', [...(writeHead?.(result.head).fields ?? []), ...parts]);
      }
      case 'problem':
        return writeProblem(exchange, {
          ...result,
          // A problem that the screen declares is complete as it is: the part would distinguish the order of another customer from
          // one that does not exist (RELIABILITY A9).
          part: Object.hasOwn(errorCodes, result.code) ? result.part : undefined,
        });
      case 'cancelled':
        exchange.response.destroy();
        return undefined;
    }
  };
  const masks = new ScreenMasks(compiled);
  const tellEvent = compileEvent(screen.count);
  const respond = (exchange: Exchange, input: ScreenInput): Promise<void> => {
    const validation = tags && new Validation(screen.plan.name, tags, exchange, masks.keyOf(exchange.mask));
    return compiled.run(validate(input), exchange.context, validation?.isHeld).then((result) => {
      const problem = exchange.form?.problem;
      if (problem === undefined || result.kind === 'complete' || result.kind === 'partial') {
        write(exchange, masked(result, exchange.mask), validation);
        tellEvent?.(exchange, result.kind);
      }
      // The form turned out to be wrong while its files were passed on: the calls failed for that alone.
      else writeProblem(exchange, problemOf(problem.code, { ...problem.options, ...writesOf(result) }));
    });
  };
  return {
    compiled,
    maskOf: (paths) => masks.of(paths),
    respond:
      scenarios === undefined
        ? respond
        : (exchange, input) => {
            const problem = scenarios.begin(exchange.context, exchange.request.headers[scenarioHeader]);
            if (problem === undefined) return respond(exchange, input);
            writeProblem(exchange, problem);
            return Promise.resolve();
          },
  };
}
