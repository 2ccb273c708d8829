import type { INestApplication } from '@nestjs/common';
import {
  AdminServer,
  findPage,
  jsonPage as json,
  readinessPage,
  type AdminAction,
  type AdminActions,
  type AdminPage,
  type AdminRoute,
} from '@frontage/admin';
import { channels, type SecurityDecision } from '@frontage/core';
import { metricsPage, openMetricsType } from '@frontage/tracing';
import type { PageTerms } from '../developer/page-terms.js';
import { startPage, type StartedPage } from '../developer/start-page.js';
import { describeApp } from '../runtime/describe.js';
import { breakerAction, breakersPage } from './breaker-admin.js';
import { invalidateAction } from './invalidate-action.js';
import { levelAction, levelsPage } from './level-admin.js';
import { addressesPage } from './address-admin.js';
import { incidentAction } from './incident-action.js';
import { revokeAction } from './revoke-action.js';
import type { GatewayRuntime } from '../runtime/runtime.js';

/**
 * The admin port of one app: `/metrics`, `/livez`, `/readyz`, `/openapi.json`, `/docs`, `/describe`, `/breakers`, `/addresses`, `/clients`, `/log-levels` and
 * `/jwks.json`; `POST /revocations`, `/invalidations`, `/breakers`, `/log-levels` and `/incidents`.
 */
export class AdminPort {
  readonly #runtime: GatewayRuntime;
  readonly #routes: ReadonlyMap<string, AdminRoute>;
  readonly #server: AdminServer;
  /** The requests that change something, and who may send them. */
  readonly actions: AdminActions;
  #application: INestApplication | undefined;
  #page: StartedPage | undefined;
  /** `http://127.0.0.1:5001`; undefined until it listens. */
  url: string | undefined;

  constructor(runtime: GatewayRuntime) {
    this.#runtime = runtime;
    const docs: AdminRoute = async (path) => {
      const { referencePage } = await import('@frontage/admin/reference-page');
      return referencePage(path, runtime.config.bff);
    };
    this.#routes = new Map<string, AdminRoute>([
      ['/livez', () => json({ status: 'ok' })],
      ['/readyz', async () => readinessPage(await runtime.readiness.report(0))],
      ['/metrics', (_path, accept) => metricsPage(accept, (format) => runtime.telemetry.metrics(format))],
      ['/openapi.json', () => this.#document()],
      ['/docs', docs],
      ['/docs/*', docs],
      ['/describe', () => json(describeApp(runtime))],
      ['/breakers', breakersPage(() => runtime.upstreams.used())],
      ['/addresses', addressesPage(() => runtime.upstreams.used())],
      ['/clients', () => clientsPage(runtime)],
      ['/log-levels', levelsPage(runtime.telemetry.levels)],
      ['/jwks.json', () => jwksPage(runtime)],
    ]);
    const { revocations, config, incidents } = runtime;
    const isRoute = (name: string): boolean =>
      runtime.routes.some(({ route: { method, path } }) => `${method} ${path}` === name);
    const actions = new Map([
      ['/breakers', breakerAction(() => runtime.upstreams.used())],
      ['/log-levels', levelAction(runtime.telemetry.levels, isRoute)],
    ]);
    const { cache } = runtime.upstreams;
    if (cache !== undefined) actions.set('/invalidations', invalidateAction(cache));
    if (incidents !== undefined) actions.set('/incidents', incidentAction(incidents.folder));
    if (revocations !== undefined) actions.set('/revocations', revokeAction(revocations));
    const { token } = config.admin;
    const isOpen = config.environment === 'development' || config.environment === 'test';
    this.actions = { actions: told(actions), isOpen, ...(token !== undefined && { token }) };
    this.#server = new AdminServer(this.#routes, this.actions);
  }

  /** Adds the hand-written controllers of an application to the document; screens stand in it anyway. */
  document(application: INestApplication): void {
    this.#application = application;
  }

  /** Adds the page for developers, which has the paths `/` and `/developer/*`. */
  async addPage(terms: PageTerms, url: () => string): Promise<void> {
    this.#page = await startPage(this.#runtime, terms, url);
    if (this.#page !== undefined) this.#server.add(this.#page.area);
  }

  async listen(): Promise<void> {
    const { adminPort, adminHost } = this.#runtime.config.listen;
    this.url = await this.#server.listen(adminPort, adminHost);
  }

  /** Its response, for the process that has the admin port of several processes; metrics with their exemplars. */
  page(path: string): ReturnType<AdminRoute> {
    return findPage(this.#routes, path, openMetricsType);
  }

  /** The response to a request that the port of several processes has let in. */
  act(path: string, body: unknown): ReturnType<AdminRoute> {
    return this.actions.actions.get(path)?.(body);
  }

  close(): Promise<void> {
    this.#page?.close();
    return this.#server.close();
  }

  /** Made when first asked for: the OpenAPI scanner is not loaded at start. */
  async #document(): Promise<AdminPage> {
    const { openApiDocument } = await import('../openapi/openapi-document.js');
    return json(openApiDocument(this.#runtime, this.#application));
  }
}

/** Events of the actions in the log of security decisions. */
const events: ReadonlyMap<string, string> = new Map([
  ['/breakers', 'breaker.forced'],
  ['/invalidations', 'cache.invalidated'],
  ['/log-levels', 'log-level.changed'],
  ['/incidents', 'incident.read'],
  ['/revocations', 'credentials.revoked'],
]);

/** Each of them is told to the log of security decisions, with its result. */
const told = (actions: ReadonlyMap<string, AdminAction>): ReadonlyMap<string, AdminAction> =>
  new Map(
    [...actions].map(([path, action]): [string, AdminAction] => [
      path,
      async (body) => {
        const page = await action(body);
        if (channels.securityDecision.hasSubscribers)
          channels.securityDecision.publish({
            event: events.get(path) ?? 'admin.changed',
            what: JSON.stringify(body),
            why: `POST ${path} of the admin port: ${page.status ?? 200}`,
          } satisfies SecurityDecision);
        return page;
      },
    ]),
  );

/** None where policy does not count them. */
function clientsPage({ telemetry: { topClients } }: GatewayRuntime): AdminPage | undefined {
  return topClients && json(topClients());
}

/** RFC 7517 section 8.5.1. */
function jwksPage({ userContextKeys }: GatewayRuntime): AdminPage | undefined {
  const keys = userContextKeys?.();
  return keys && { contentType: 'application/jwk-set+json', body: `${JSON.stringify(keys)}\n` };
}
