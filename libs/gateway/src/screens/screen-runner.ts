import type { ServerResponse } from 'node:http';
import type { BffConfig } from '@frontage/config';
import { problemOf, type Clock, type WritesReport } from '@frontage/core';
import { compileScreen, type LastGoodStore, type ScreenResult } from '@frontage/aggregation';
import { exchangeOf, rawResponse, type BoundScreen, type Exchange, type ScreenInput } from '../exchange/exchange.js';
import { compileEvent } from './business-event.js';
import { masked, ScreenMasks } from './screen-masks.js';
import { compileInput } from '../body/input.js';
import { writeProblem } from '../exchange/responder.js';
import type { ScreenStores } from '../validators/screen-stores.js';
import { PartNotes } from '../validators/part-notes.js';
import { Validation } from '../validators/validation.js';
import type { Route } from '../routes/routes.js';
import type { UpstreamRegistry } from '../outbound/upstream-registry.js';
import type { AnyScreen } from '../routes/screen-of.js';
import type { Incidents } from '../incidents/incidents.js';
import { compileKeeping } from './keeping.js';
import { ScreenWriter } from './screen-writer.js';
import { planNotes } from './plan-notes.js';
import { scenarioHeader, Scenarios } from './scenarios.js';

/** The parts of the app that a screen uses. */
export interface ScreenApp {
  readonly config: BffConfig;
  readonly clock: Clock;
  readonly upstreams: UpstreamRegistry;
  readonly lastGood?: LastGoodStore | undefined;
  /** Clients may ask for states of a screen. */
  readonly hasScenarios: boolean;
  readonly screens: ScreenStores;
  /** Absent: no incidents are kept. */
  readonly incidents?: Incidents | undefined;
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

/** The fate of the changes of a request that failed. */
const writesOf = (result: ScreenResult): { readonly writes?: WritesReport } =>
  result.kind === 'problem' && result.writes !== undefined ? { writes: result.writes } : {};

/** Policy says something about the parts of its responses. */
function needsNotes({ screen, access }: Route, { screens, cacheStatus }: BffConfig): boolean {
  const { maxAgeMs, cdn, ttlMs } = screens[screen?.plan.name ?? ''] ?? {};
  return (
    [maxAgeMs, cdn, ttlMs].some((rule) => rule !== undefined) || (cacheStatus !== undefined && access !== 'public')
  );
}

/** Binds a screen to the clients and the policy of one app, at boot. */
export function bindScreen(screen: AnyScreen, route: Route, app: ScreenApp): BoundScreen {
  const policy = app.config.plans[screen.plan.name];
  const notes = needsNotes(route, app.config) ? new PartNotes(app.clock) : undefined;
  const scenarios = app.hasScenarios ? new Scenarios(() => compiled.describe()) : undefined;
  const incidents = app.incidents?.of(screen.plan.name);
  const compiled = compileScreen(screen, {
    bind: (operation, terms) => {
      const { part, timeoutMs, readBody, need, role, invalidates, rows } = terms;
      const bound = app.upstreams.executor(operation, {
        timeoutMs,
        readBody: incidents === undefined ? readBody : incidents.reading(readBody),
        // A page that has come to its fallbacks can do without them.
        need: role === 'fallback' && need !== 'write' ? 'optional' : need,
        judgesNumbers: true,
        ...(invalidates && { invalidates }),
        ...(rows && { rows }),
      });
      const execute = incidents === undefined ? bound : incidents.around(operation, terms, bound);
      const noted = notes === undefined ? execute : notes.around(part, operation, execute);
      return scenarios === undefined || role !== 'call' ? noted : scenarios.around(part, noted);
    },
    whyParsed: (operation) => app.upstreams.whyParsed(operation),
    clock: app.clock,
    reserveMs: app.config.reserveMs,
    policy,
    ...(app.lastGood && { lastGood: app.lastGood }),
  });
  const validate = compileInput(screen.plan.inputs, `${route.controller.name}.${route.handler}`);
  const tags = app.config.screens[screen.plan.name]?.etag === true ? app.screens.tags : undefined;
  const writer = new ScreenWriter({ screen, route, config: app.config, notes });
  const masks = new ScreenMasks(compiled);
  const noteRun = planNotes(compiled, app.clock);
  const tellEvent = compileEvent(screen.count);
  const keeping = compileKeeping({
    compiled,
    route,
    config: app.config,
    kept: app.screens.kept,
    notes,
    hasScenarios: app.hasScenarios,
  });
  const respond = (exchange: Exchange, input: ScreenInput): Promise<void> => {
    const maskKey = masks.keyOf(exchange.mask);
    const validation = tags && new Validation(screen.plan.name, tags, exchange, maskKey);
    const checked = validate(input);
    const place = keeping?.placeOf(exchange, checked, maskKey);
    const found = place?.find();
    if (place !== undefined && found !== undefined) {
      writer.writeKept(exchange, found, place.partsOf(found), validation);
      tellEvent?.(exchange, 'complete');
      return Promise.resolve();
    }
    // A response that is to be kept is rendered, whatever this client holds.
    const isHeld = place === undefined ? validation?.isHeld : undefined;
    const noteEnd = noteRun(exchange.context.notes);
    const done = compiled.run(checked, exchange.context, isHeld).then((whole) => {
      noteEnd?.();
      const problem = exchange.form?.problem;
      const result = masked(whole, exchange.mask);
      if (problem === undefined || result.kind === 'complete' || result.kind === 'partial') {
        writer.write(exchange, result, validation);
        if (result.kind === 'complete') place?.keep(result, validation?.tag);
        tellEvent?.(exchange, result.kind);
      }
      // The form turned out to be wrong while its files were passed on: the calls failed for that alone.
      else writeProblem(exchange, problemOf(problem.code, { ...problem.options, ...writesOf(result) }));
      incidents?.ended(exchange.context, checked, result, exchange.response.statusCode);
    });
    if (incidents === undefined) return done;
    return done.catch((bug: unknown) => {
      incidents.broke(exchange.context, checked);
      throw bug;
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
