import { spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourceArguments } from '@frontage/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const workspace = fileURLToPath(new URL('../../', import.meta.url));
const main = join(workspace, 'libs/generator/src/main.ts');

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'frontage-kill-'));
  await mkdir(join(root, 'libs/upstreams'), { recursive: true });
  await writeFile(join(root, 'package.json'), '{}');
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/** Runs the command as a process of its own; `killed` says when it dies. */
async function frontage(args: readonly string[], killed?: (kill: () => void) => void): Promise<void> {
  const child = spawn(process.execPath, [...sourceArguments(main), 'upstream', ...args], {
    cwd: root,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  killed?.(() => child.kill('SIGKILL'));
  await ended;
}

/** Every file that is there, with its content. */
function tree(): ReadonlyMap<string, string> {
  const files = globSync('**/*', { cwd: root, exclude: ['**/node_modules/**'] }).toSorted();
  return new Map(
    files
      .filter((file) => statSync(join(root, file)).isFile())
      .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
  );
}

async function leftovers(): Promise<string[]> {
  const names = await readdir(root, { recursive: true });
  return names.filter((name) => name.includes('.frontage-write-'));
}

/** A contract with as much to write as a large service has. */
function contract(version: string): string {
  const operations = Array.from(
    { length: 150 },
    (_, index) =>
      `  /things${index}/{id}: { get: { operationId: getThing${index}${version}, parameters: [ { name: id, in: path, required: true, schema: { type: string } } ], responses: { '200': { description: ok, content: { application/json: { schema: { type: object, properties: { name: { type: string } } } } } } } } }`,
  );
  return `openapi: 3.1.0\ninfo: { title: Things, version: '${version}' }\npaths:\n${operations.join('\n')}\n`;
}

/** Dies as soon as a folder holds the first trace of writing, so many turns of the event loop later. */
function whenWriting(folder: string, turns: number): (kill: () => void) => void {
  return (kill) => {
    let left = turns;
    const look = (): void => {
      const isWriting =
        left < turns || (existsSync(folder) && globSync('.frontage-write-*', { cwd: folder }).length > 0);
      if (isWriting && left-- <= 0) kill();
      else if (tries-- > 0) setImmediate(look);
    };
    let tries = 5_000_000;
    look();
  };
}

describe('frontage upstream add, killed', { timeout: 300_000 }, () => {
  it('at any time leaves no upstream, or a whole one', async () => {
    const source = join(root, 'things.yaml');
    await writeFile(source, contract('1'));
    const before = tree();
    const began = performance.now();
    await frontage(['add', 'payments', source]);
    const wholeMs = performance.now() - began;
    const whole = tree();
    expect(whole.size).toBe(before.size + 4);
    for (const share of [0.4, 0.8, 0.95]) {
      await rm(join(root, 'libs/upstreams/payments'), { recursive: true });
      await frontage(['add', 'payments', source], (kill) => setTimeout(kill, wholeMs * (share + Math.random() * 0.05)));
      expect([before, whole]).toContainEqual(tree());
      await frontage(['add', 'payments', source]);
      expect(tree()).toEqual(whole);
      expect(await leftovers()).toEqual([]);
    }
  });

  it('while it writes over another version, leaves the old one or the new one once any command has run again', async () => {
    const folder = join(root, 'libs/upstreams/things');
    const source = join(root, 'things.yaml');
    await writeFile(source, contract('2'));
    await frontage(['add', 'things', source]);
    const two = tree();
    await writeFile(source, contract('1'));
    await frontage(['add', 'things', source]);
    const one = tree();
    await writeFile(source, contract('2'));
    const oneBefore = new Map([...one, ['things.yaml', contract('2')]]);
    for (const turns of [0, 1, 3, 6]) {
      await frontage(['add', 'things', source], whenWriting(folder, turns));
      await frontage(['list']);
      expect([oneBefore, two]).toContainEqual(tree());
      expect(await leftovers()).toEqual([]);
      for (const [name, text] of oneBefore) await writeFile(join(root, name), text);
    }
  });
});
