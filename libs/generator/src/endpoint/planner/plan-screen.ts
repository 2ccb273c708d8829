import type ts from 'typescript';
import { UsageError } from '../../terminal/command.errors.js';
import type { CalledOperation } from '../client/client-operations.js';
import { shapeOf } from '../client/shape.js';
import { claimName, nounOf } from './names.js';
import type { PlannedPart, PlannedScreen } from './planned-screen.js';
import { RequestInputs } from './request-inputs.js';
import { Wiring, type EarlierPart } from './wiring.js';

export interface ScreenRequest {
  readonly app: string;
  readonly name: string;
  readonly calls: readonly { readonly operation: CalledOperation; readonly isOptional: boolean }[];
  readonly checker: ts.TypeChecker;
  /** @default GET, or POST where a call changes something */
  readonly method?: PlannedScreen['method'];
  /** @default the name of the screen, with the parameters that its calls need */
  readonly path?: string;
  /** Stands before a path that is not given: `/v1`. @default '' */
  readonly prefix?: string;
  /** @default `<screen>:read`, or `<screen>:write` where a call changes something */
  readonly scope?: string;
  readonly rateClass?: string;
  /** The screen shows the caller's own data. */
  readonly isForCaller?: boolean;
}

/**
 * Plans a screen: its calls in the given order, the values of their parameters, and what the request has to bring.
 * @throws {UsageError} for calls that no screen can show
 */
export function planScreen(request: ScreenRequest): PlannedScreen {
  const { app, name, calls, checker, prefix = '', isForCaller = false } = request;
  const writes = calls.some(({ operation }) => !operation.isRead);
  const method = request.method ?? (writes ? 'POST' : 'GET');
  if (writes && method === 'GET')
    throw new UsageError(
      `GET changes nothing, and ${calls
        .filter(({ operation }) => !operation.isRead)
        .map(({ operation }) => nameOf(operation))
        .join(', ')} does: choose --method POST, PUT, PATCH or DELETE`,
    );
  const inputs = new RequestInputs();
  const route = request.path === undefined ? undefined : routeParameters(request.path);
  const wiring = new Wiring({ checker, inputs, route, isForCaller });
  const taken = new Set(calls.map(({ operation }) => operation.client.alias));
  const members = new Set<string>();
  const parts: PlannedPart[] = [];
  const earlier: EarlierPart[] = [];
  for (const { operation, isOptional } of calls) {
    const shape = shapeOf(checker, operation.response);
    checkCall(operation, isOptional, shape.kind);
    const noun = nounOf(operation.name);
    const partName = claimName([noun, operation.name], taken);
    const args = wiring.arguments(operation, earlier, isOptional);
    const body = wiring.body(operation);
    const verb = operation.isRead ? (isOptional ? 'optional' : 'required') : 'write';
    parts.push({
      name: partName,
      member: claimMember([noun, operation.name], members),
      verb,
      operation,
      args,
      body,
      shape,
    });
    earlier.push({ name: partName, noun, isOptional, shape });
  }
  const given =
    request.path ??
    `${prefix}/${name}${inputs
      .names('path')
      .map((one) => `/:${one}`)
      .join('')}`;
  return {
    app,
    name,
    method,
    path: given,
    scope: request.scope ?? `${name}:${writes ? 'write' : 'read'}`,
    rateClass: writes ? 'write' : (request.rateClass ?? 'interactive'),
    parts,
    inputs: inputs.planned(),
  };
}

const nameOf = (operation: CalledOperation): string => `${operation.client.name}.${operation.name}`;

/** The names after a colon: `id` of `/orders/:id`. */
const routeParameters = (path: string): readonly string[] =>
  [...path.matchAll(/:(\w+)/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));

function checkCall(operation: CalledOperation, isOptional: boolean, shape: string): void {
  if (isOptional && !operation.isRead)
    throw new UsageError(
      `${nameOf(operation)} changes something (${operation.info.method}), so it is no part that may be missing: name it in --calls`,
    );
  if (shape === 'bytes')
    throw new UsageError(
      `${nameOf(operation)} responds with bytes, which no view shows: pass them on in a hand-written handler (docs/typed-clients.md)`,
    );
}

/** The first name that no other member has; a reserved word is one too. */
function claimMember(wanted: readonly string[], taken: Set<string>): string {
  let name = wanted.find((one) => !taken.has(one));
  for (let count = 2; name === undefined; count++)
    name = [`${wanted[0] ?? 'part'}${count}`].find((one) => !taken.has(one));
  taken.add(name);
  return name;
}
