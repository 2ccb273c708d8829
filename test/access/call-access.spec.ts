import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import * as words from '@frontage/aggregation';
import { reply, runPlan, type Reply } from '@frontage/testing';
import * as content from '@frontage/upstreams/content';
import * as users from '@frontage/upstreams/users';
import { describe, expect, it } from 'vitest';

const page = readFileSync(join(import.meta.dirname, '../../docs/access.md'), 'utf8');
const section = page.slice(page.indexOf('### Single calls of a plan'));
const [, code = '', result = ''] = /```js\n([\s\S]*?)\/\/ (\{.*\})\n```/.exec(section) ?? [];

/** The plan of the page. */
function planOfPage(): words.AnyPlan {
  const scope = { ...words, content, users };
  const source = `return plan('example', { input: { caller: given() }, deadlineMs: 800 }, ${code.trim().replace(/;$/, '')})`;
  return Reflect.apply(compileFunction(source, Object.keys(scope)), undefined, Object.values(scope)) as words.AnyPlan;
}

const replies: Readonly<Record<string, Reply<unknown>>> = {
  profile: reply({ id: 'ada', name: 'Ada', points: 1, tier: 'GOLD' }),
  banners: reply([{ id: 'b-1' }]),
};
const run = async (scopes: readonly string[]) => {
  const { kind, ...rest } = await runPlan(planOfPage(), { caller: { subject: 'ada', scopes } }, replies);
  return kind === 'finished' && 'parts' in rest ? rest.parts : kind;
};

describe('the example of docs/access.md for a single call', () => {
  it('gives what the page says to a caller without the scope, and the part to one with it', async () => {
    expect(await run([])).toMatchObject(JSON.parse(result));
    expect(await run(['offers:read'])).toMatchObject({ banners: { ok: true, value: [{ id: 'b-1' }] } });
  });
});
