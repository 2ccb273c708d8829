import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Module } from '@nestjs/common';
import { pick, plan, required, screen, write } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import type { Operation } from '@frontage/clients';
import { createGateway, Screen, type Gateway } from '@frontage/gateway';
import { runProgram } from '@frontage/generator';
import { startWorld, workspaceRoot, type World } from '@frontage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const specs = join(workspaceRoot, '../shared/specs');
const isThere = existsSync(specs);
if (!isThere) process.stderr.write(`SKIPPED: there is no ${specs}, so no BFF over contracts of others is tested.\n`);

/** OpenAPI 3.1 in YAML, 3.0 in YAML, and 3.0 in JSON with 85 operations; none has anything to do with a shop of ours. */
const contracts = { burgers: 'burgershop-3.1.yaml', asana: 'asana-3.0.yaml', telegram: 'telegram-bot-3.0.json' };

// The compiler cannot know code that this test generates: these are the members that the screen reads.
type Read<In, Out> = Operation<In, Out, Record<never, never>, 'GET'>;
interface Generated {
  readonly locateBurger: Read<
    { path: { burgerId: string }; header: { burgerHeader: { burgerTheme: string; burgerTime: number } } },
    { name: string; numPatties: number }
  >;
  readonly getUser: Read<{ path: { user_gid: string } }, { data: { gid: string; name: string } }>;
  readonly getMe: Operation<
    Record<never, never>,
    { ok: boolean; result: { id: number; first_name: string } },
    Record<never, never>,
    'POST'
  >;
}

describe.skipIf(!isThere)('a BFF over contracts of third parties', () => {
  let folder: string;
  let world: World;
  let gateway: Gateway;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'any-contract-'));
    mkdirSync(join(folder, 'libs/upstreams'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    symlinkSync(join(workspaceRoot, 'node_modules'), join(folder, 'node_modules'));
    let said = '';
    const context = {
      cwd: folder,
      write: (text: string) => void (said += text),
      writeError: (text: string) => void (said += text),
    };
    for (const [name, file] of Object.entries(contracts)) {
      const code = await runProgram(['upstream', 'add', name, join(specs, file)], context);
      if (code !== 0) throw new Error(said);
    }
    const modules = Object.keys(contracts).map(
      (name): Promise<Partial<Generated>> =>
        import(/* @vite-ignore */ join(folder, `libs/upstreams/${name}/${name}.gen.ts`)),
    );
    // The three modules together have every operation that is named above; a missing one fails when the plan is made.
    const { locateBurger, getUser, getMe } = Object.assign({}, ...(await Promise.all(modules))) as Generated;

    const pageScreen = screen(
      plan('others.page', { deadlineMs: 2000 }, () => {
        const burger = required(locateBurger, {
          path: { burgerId: 'big-mac' },
          // A header field whose content the contract describes as JSON.
          header: { burgerHeader: { burgerTheme: 'plain', burgerTime: 1 } },
        });
        const user = required(getUser, { path: { user_gid: '12345' } });
        const bot = write(getMe, {});
        return { burger, user, bot };
      }),
      ({ burger, user, bot }) => ({
        burger: pick(burger, 'name', 'numPatties'),
        user: pick(user.data, 'gid', 'name'),
        bot: pick(bot.result, 'id', 'first_name'),
      }),
    );
    @Controller('page')
    class PageController {
      @Get()
      @Public()
      @Screen(pageScreen)
      show() {
        return {};
      }
    }
    @Module({ controllers: [PageController] })
    class OthersModule {}

    const upstreams = Object.keys(contracts);
    world = await startWorld({ upstreams, root: folder });
    const lines = upstreams.map((name) => `  ${name}: { urls: ['\${${name.toUpperCase()}_URL}'] }`);
    const config = join(folder, 'bff.yaml');
    writeFileSync(
      config,
      `bff: others\nlisten: { port: 0, adminPort: 0 }\nlog: { requests: false }\nupstreams:\n${lines.join('\n')}\n`,
    );
    gateway = createGateway(OthersModule, { config, env: world.env });
    ({ url } = await gateway.start());
  }, 120_000);
  afterAll(async () => {
    await gateway?.close();
    await world?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('serves a screen with one call to each of three contracts', async () => {
    const answer = await fetch(`${url}/page`);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        burger: { name: expect.any(String), numPatties: expect.any(Number) },
        user: { gid: expect.any(String), name: expect.any(String) },
        bot: { id: expect.any(Number), first_name: expect.any(String) },
      },
    ]);
    for (const upstream of Object.keys(contracts)) expect(await world.count(upstream)).toBe(1);
  });
});
