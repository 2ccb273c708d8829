import { join } from 'node:path';
import type ts from 'typescript';
import { UsageError } from '../terminal/command.errors.js';
import { readIfThere } from '../workspace/upstream-folders.js';
import type { FileContent } from '../workspace/write-files.js';
import { allOperations, type CalledOperation } from '../endpoint/client/client-operations.js';
import { shapeOf } from '../endpoint/client/shape.js';
import { findClient, upstreamClients } from '../endpoint/client/upstream-clients.js';
import { endpointFiles } from '../endpoint/endpoint.js';
import { withoutEndpoints } from '../endpoint/files/test-edit.js';
import { isPersonParameter } from '../endpoint/planner/names.js';
import { planScreen } from '../endpoint/planner/plan-screen.js';
import type { ClientTemplate } from './template.js';

/** The files of an app whose first screen is made from upstreams, and a request to it. */
export interface FirstScreen {
  readonly files: ReadonlyMap<string, FileContent>;
  /** `/home?slot=HOME_TOP` */
  readonly path: string;
  readonly scope: string;
}

/**
 * Puts a screen made from chosen upstreams in the place of the home of a blank app: of each upstream the read that needs least.
 * @param blank the files of the blank app, by path
 * @throws {UsageError} for an upstream without a read that a first screen can show
 */
export async function firstScreen(
  root: string,
  app: string,
  upstreams: readonly string[],
  client: ClientTemplate,
  blank: ReadonlyMap<string, FileContent>,
): Promise<FirstScreen> {
  const clients = upstreamClients(root, app);
  const chosen = upstreams.map((name) => findClient(clients, name));
  const { operations, checker } = await allOperations(chosen);
  const calls = chosen.map((one) => {
    const best = firstRead(
      checker,
      operations.filter(({ client }) => client === one),
    );
    if (best !== undefined) return { operation: best, isOptional: false };
    throw new UsageError(
      `${one.name} has no read that a first screen can show: make the app without it, and then npx frontage endpoint ${app}/<screen> --calls ${one.name}.<operation>`,
    );
  });
  const { prefix, rateClass, policy } = client.planned ?? {};
  const screen = planScreen({
    app,
    name: 'home',
    calls,
    checker,
    isForCaller: true,
    ...(prefix !== undefined && { prefix }),
    ...(rateClass !== undefined && { rateClass }),
  });
  const folder = join(root, 'apps', app);
  const [settings, test] = [join(folder, 'bff.yaml'), join(folder, 'test', `${app}.e2e-spec.ts`)];
  const base = new Map(blank);
  if (policy !== undefined) base.set(settings, `${textOf(base.get(settings))}\n${policy}\n`);
  const planned = await endpointFiles(root, screen, async (path) => {
    const content = base.get(path);
    if (content === undefined) return readIfThere(path);
    return path === test ? withoutEndpoints(path, textOf(content)) : textOf(content);
  });
  return { files: new Map([...base, ...planned.files]), path: planned.request.path, scope: screen.scope };
}

/** The read that needs the least from a request: nothing, or the caller, before parameters of the query and of the path. */
function firstRead(checker: ts.TypeChecker, operations: readonly CalledOperation[]): CalledOperation | undefined {
  const usable = operations.flatMap((operation) => {
    const need = needOf(operation);
    const { kind } = shapeOf(checker, operation.response);
    const isShown = kind !== 'bytes' && kind !== 'nothing';
    return operation.isRead && need !== undefined && isShown ? [{ operation, need }] : [];
  });
  return usable.toSorted((one, other) => one.need - other.need)[0]?.operation;
}

/** Undefined where a request cannot bring it. */
function needOf({ info }: CalledOperation): number | undefined {
  if (info.body?.required === true) return undefined;
  let need = info.path.split('/').length;
  for (const { in: group, name, required } of info.parameters ?? []) {
    if (group === 'cookie' && required === true) return undefined;
    if (isPersonParameter(name, info.path)) need += 1;
    else if (group === 'path') need += 200;
    else if (required === true) need += 100;
  }
  return need;
}

const textOf = (content: FileContent | undefined): string => {
  const data = typeof content === 'object' && 'data' in content ? content.data : content;
  return typeof data === 'string' ? data : '';
};
