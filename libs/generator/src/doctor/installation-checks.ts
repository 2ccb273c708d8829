import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { listApps } from '../workspace/workspace.js';
import type { DoctorFinding } from './doctor-finding.js';

/** The version of Node.js, as far as `engines.node` of the workspace states a lowest one. @param running `24.1.0` */
export function nodeFindings(root: string, running: string): readonly DoctorFinding[] {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const engines = Object(Object(manifest)['engines'])['node'];
  const wanted = typeof engines === 'string' ? /^\s*(?:>=|\^|~)?\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(engines) : null;
  if (wanted === null) return [];
  const least = [1, 2, 3].map((part) => Number(wanted[part] ?? 0));
  const own = running.split('.').map(Number);
  const at = least.findIndex((part, index) => part !== (own[index] ?? 0));
  if (at === -1 || (own[at] ?? 0) > (least[at] ?? 0)) return [];
  return [
    {
      rule: 'node-version',
      level: 'error',
      place: 'package.json',
      message: `this is Node.js ${running}, and engines.node is ${String(engines)}`,
      fix: `install Node.js ${wanted[1] ?? ''} or newer, or run the command with npx in the root of the workspace`,
    },
  ];
}

const nestPackages = ['@nestjs/common', '@nestjs/core'];

/** Copies of Nest that the apps and libs of a workspace would load beside each other. */
export function nestFindings(root: string, folders: readonly string[]): readonly DoctorFinding[] {
  return nestPackages.flatMap((name): DoctorFinding[] => {
    const found = new Map<string, string[]>();
    for (const folder of [root, ...folders]) {
      const place = packageFolder(folder, name);
      if (place !== undefined) found.set(place, [...(found.get(place) ?? []), shown(root, folder)]);
    }
    if (found.size < 2) return [];
    const copies = [...found].map(
      ([place, users]) => `${shown(root, place)} ${versionOf(place)} for ${users.join(', ')}`,
    );
    return [
      {
        rule: 'two-copies',
        level: 'error',
        place: 'package-lock.json',
        message: `${name} is there ${found.size} times: ${copies.join('; ')}`,
        fix: `write the same range of ${name} in each package.json, then: npm dedupe`,
      },
    ];
  });
}

function packageFolder(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) return realpathSync(place);
    if (dirname(folder) === folder) return resolved(from, name);
  }
}

function resolved(from: string, name: string): string | undefined {
  try {
    return dirname(realpathSync(createRequire(join(from, 'package.json')).resolve(`${name}/package.json`)));
  } catch {
    return undefined;
  }
}

const versionOf = (place: string): string =>
  String(Object(JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')))['version']);

const shown = (root: string, path: string): string => relative(root, path).replaceAll(sep, '/') || 'the workspace';

/** Ports that two apps share, the ports for operators included. 0 is any free port. */
export function portFindings(root: string, env: NodeJS.ProcessEnv): readonly DoctorFinding[] {
  const used = listApps(root, env).flatMap(({ name, port, adminPort }) => [
    { key: `listen.port of ${name}`, name, ...port },
    { key: `listen.adminPort of ${name}`, name, ...adminPort },
  ]);
  const byPort = Map.groupBy(used.filter(({ port }) => port > 0), ({ port }) => port); // prettier-ignore
  return [...byPort].flatMap(([port, users]): DoctorFinding[] => {
    const [first, second] = users;
    if (first === undefined || second === undefined) return [];
    const moved = users.find(({ variable }) => variable !== undefined) ?? second;
    const free = nextFree(new Set(byPort.keys()), port);
    return [
      {
        rule: 'port-clash',
        level: 'error',
        place: `apps/${moved.name}/bff.yaml`,
        message: `port ${port} is ${users.map(({ key }) => key).join(' and ')}`,
        fix: `set ${moved.variable ?? moved.key.split(' ')[0]} of ${moved.name} to a free port, such as ${free}`,
      },
    ];
  });
}

function nextFree(taken: ReadonlySet<number>, from: number): number {
  let port = from + 1;
  while (taken.has(port)) port++;
  return port;
}
