import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../terminal/command.errors.js';
import { maxPort } from '../dev/processes.js';
import { defaultSandboxPort } from '../dev/sandbox-world.js';
import { variablePrefix } from './template.js';
import { checkedName } from '../workspace/upstream-folders.js';
import type { AppPorts } from '../workspace/workspace.js';

/** Longest name in characters; with `-bff` and a prefix of an environment it is still a label of DNS (63). */
const maxNameLength = 40;

/**
 * Checks that an app can have the name, and that it is not in use.
 * @param taken further reasons against the name
 * @throws {UsageError} with all reasons against the name
 */
export function chooseName(root: string, name: string, apps: readonly AppPorts[], taken: readonly string[]): void {
  checkedName('app', name);
  if (name.length > maxNameLength)
    throw new UsageError(`${JSON.stringify(name)} is too long for an app: ${maxNameLength} characters at most`);
  const reasons = [...collisions(root, name, apps), ...taken];
  if (reasons.length === 0) return;
  throw new UsageError(`${name} cannot be made:\n  ${reasons.join('\n  ')}\nNothing was changed.`);
}

function* collisions(root: string, name: string, apps: readonly AppPorts[]): Generator<string> {
  const here = existsSync(join(root, 'apps', name));
  const isLib = existsSync(join(root, 'libs', name));
  if (here) yield `apps/${name} exists already`;
  if (isLib) yield `libs/${name} exists already, with the name @frontage/${name}`;
  if (!here && !isLib && existsSync(join(root, 'node_modules', '@frontage', name)))
    yield `@frontage/${name} is a package that is installed`;
  const prefix = variablePrefix(name);
  for (const app of apps) {
    if (app.name === name) continue;
    for (const { variable } of [app.port, app.adminPort]) {
      if (variable === `${prefix}_PORT` || variable === `${prefix}_ADMIN_PORT`)
        yield `${variable} would be a variable of it, and is one of ${app.name} already`;
    }
  }
}

export interface Ports {
  readonly port: number;
  readonly adminPort: number;
}

/**
 * The next ports that no `bff.yaml` of the workspace uses: 4004 and 5004 after three apps.
 * @param wanted a requested port
 * @throws {UsageError} where it is no port, or another app has it
 */
export function choosePorts(apps: readonly AppPorts[], wanted?: number): Ports {
  const owners = new Map<number, string>([[defaultSandboxPort, 'the sandbox']]);
  for (const app of apps) {
    owners.set(app.port.port, app.name);
    owners.set(app.adminPort.port, `the admin port of ${app.name}`);
  }
  if (wanted !== undefined) {
    const owner = owners.get(wanted);
    if (owner !== undefined) throw new UsageError(`port ${wanted} belongs to ${owner}`);
    owners.set(wanted, 'it');
  }
  const free = (from: number): number => {
    let port = from;
    while (owners.has(port)) port++;
    return port;
  };
  const port = wanted ?? free(4001);
  return { port, adminPort: free(port + 1000 > maxPort ? 5001 : port + 1000) };
}
