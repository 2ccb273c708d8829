import { findApp } from '../dev/built-app.js';
import { UsageError } from '../terminal/command.errors.js';
import { checkedName } from '../workspace/upstream-folders.js';
import type { AppFolder } from '../workspace/workspace.js';
import { calledOperations, type CalledOperation } from './client/client-operations.js';
import { findClient, upstreamClients, type UpstreamClient } from './client/upstream-clients.js';
import { isSameRoute, routesInUse } from './files/routes-in-use.js';
import { planScreen } from './planner/plan-screen.js';
import type { PlannedScreen } from './planner/planned-screen.js';

export interface EndpointRequest {
  /** `tv/profile` */
  readonly target: string;
  /** `users.getUser`, in the order of the plan. */
  readonly calls: readonly string[];
  /** Calls that the screen can do without; those that `calls` does not name come after them. */
  readonly optional: readonly string[];
  readonly method?: string;
  readonly path?: string;
  readonly scope?: string;
}

/** The app and the name of a screen, `tv/profile`. @throws {UsageError} */
export function endpointTarget(root: string, target: string): { readonly app: AppFolder; readonly name: string } {
  const [app = '', name = '', ...more] = target.split('/');
  if (app === '' || name === '' || more.length > 0)
    throw new UsageError(`${JSON.stringify(target)} names no endpoint: write <app>/<screen>, such as tv/profile`);
  const found = findApp(root, app);
  checkedName('endpoint', name);
  return { app: found, name };
}

/** Plans the screen of a request. @throws {UsageError} that names every unknown operation, a clash of routes, a call that no screen makes */
export async function requestedScreen(root: string, request: EndpointRequest): Promise<PlannedScreen> {
  const { app, name } = endpointTarget(root, request.target);
  const clients = upstreamClients(root, app.name);
  const names = [...new Set([...request.calls, ...request.optional])];
  if (names.length === 0)
    throw new UsageError(
      'no calls: name the operations of the screen, such as --calls users.getUser,orders.listOrders',
    );
  const optional = new Set(request.optional);
  const { operations, checker } = await calledOperations(names.map((one) => wantedOperation(clients, one)));
  const calls = operations.map((operation: CalledOperation, index) => ({
    operation,
    isOptional: optional.has(names[index] ?? ''),
  }));
  const path = request.path === undefined ? undefined : checkedPath(request.path);
  const method = request.method === undefined ? undefined : checkedMethod(request.method);
  const screen = planScreen({
    app: app.name,
    name,
    calls,
    checker,
    ...(method !== undefined && { method }),
    ...(path !== undefined && { path }),
    ...(request.scope !== undefined && { scope: checkedScope(request.scope) }),
  });
  const other = routesInUse(root, app.name).find((one) => one.folder !== name && isSameRoute(one, screen));
  if (other !== undefined)
    throw new UsageError(
      `${screen.method} ${screen.path} is taken by ${other.method} ${other.path} (${other.place}): choose another path with --path`,
    );
  return screen;
}

/** `orders.listOrders`; the name of an upstream has no dot. @throws {UsageError} */
function wantedOperation(
  clients: readonly UpstreamClient[],
  text: string,
): { readonly client: UpstreamClient; readonly name: string } {
  const at = text.indexOf('.');
  if (at <= 0 || at === text.length - 1)
    throw new UsageError(
      `${JSON.stringify(text)} names no operation: write <upstream>.<operation>, such as orders.listOrders`,
    );
  return { client: findClient(clients, text.slice(0, at)), name: text.slice(at + 1) };
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** @throws {UsageError} */
function checkedMethod(text: string): PlannedScreen['method'] {
  const found = methods.find((method) => method === text.toUpperCase());
  if (found !== undefined) return found;
  throw new UsageError(`${JSON.stringify(text)} is no method of an endpoint: there are ${methods.join(', ')}`);
}

/** A path as Nest writes it; `{id}` is `:id`. @throws {UsageError} */
function checkedPath(text: string): string {
  const path = text.replaceAll(/\{(\w+)\}/g, ':$1').replace(/(?<=.)\/$/, '');
  const isPath = /^(?:\/(?::[A-Za-z_]\w*|[\w.~-]+))+$/.test(path);
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  if (isPath && new Set(names).size === names.length) return path;
  throw new UsageError(
    `${JSON.stringify(text)} is no path of an endpoint: write segments and parameters with different names, such as /orders/:id`,
  );
}

/** RFC 6749 section 3.3. @throws {UsageError} */
function checkedScope(text: string): string {
  if (/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text) && !text.includes("'")) return text;
  throw new UsageError(`${JSON.stringify(text)} is no scope: write one word, such as orders:read`);
}
