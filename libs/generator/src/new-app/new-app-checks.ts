import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../terminal/command.errors.js';
import { maxPort } from '../dev/processes.js';
import { defaultSandboxPort } from '../dev/sandbox-world.js';
import { variablePrefix } from './template.js';
import { checkedName } from '../workspace/upstream-folders.js';
import type { AppFolder } from '../workspace/workspace.js';

/** With `-bff` and a prefix of an environment behind it, still a label of DNS (63). */
const maxNameLength = 40;

/**
 * Is the name one that an app can have, and that nothing has yet?
 * @param taken further reasons why not
 * @throws {UsageError} with all reasons
 */
export function chooseName(root: string, name: string, apps: readonly AppFolder[], taken: readonly string[]): void {
  checkedName('app', name);
  if (name.length > maxNameLength)
    throw new UsageError(`${JSON.stringify(name)} is too long for an app: ${maxNameLength} characters at most`);
  const reasons = [...collisions(root, name, apps), ...taken];
  if (reasons.length === 0) return;
  throw new UsageError(`${name} cannot be made:\n  ${reasons.join('\n  ')}\nNothing was changed.`);
}

function* collisions(root: string, name: string, apps: readonly AppFolder[]): Generator<string> {
  if (existsSync(join(root, 'apps', name))) yield `apps/${name} is there already`;
  if (existsSync(join(root, 'libs', name))) yield `libs/${name} is there already, and is called @frontage/${name}`;
  const prefix = variablePrefix(name);
  for (const app of apps) {
    if (app.name === name) continue;
    for (const { variable } of [app.port, app.adminPort]) {
      if (variable === `${prefix}_PORT` || variable === `${prefix}_ADMIN_PORT`)
        yield `${variable} would be a port of it, and is one of ${app.name} already`;
    }
  }
}

export interface Ports {
  readonly port: number;
  readonly adminPort: number;
}

/**
 * The next free ports, as the `bff.yaml` of all apps have them: 4004 and 5004 after three apps.
 * @param wanted a port that is asked for by number
 * @throws {UsageError} where it is none, or another app has it
 */
export function choosePorts(apps: readonly AppFolder[], wanted?: number): Ports {
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
