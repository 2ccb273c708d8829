import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, ForbiddenException } from '@nestjs/common';
import { optional, orOmit, pick, plan, required, screen } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { RequestContext, RequestNotes, openCall, CallFailures } from '@frontage/context';
import { workspaceRoot } from '@frontage/testing';
import { rawReplies } from '@frontage/testing/raw-replies';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverTiming } from '../exchange/server-timing.js';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

const timed = screen(
  plan('spec.timed', { deadlineMs: 2000 }, () => ({
    kept: required(getItem, { path: { id: 'kept' } }),
    late: optional(getItem, { path: { id: 'late' } }),
    gone: optional(getItem, { path: { id: 'gone' } }),
  })),
  ({ kept, late, gone }) => ({ ...pick(kept, 'id'), late: orOmit(pick(late, 'id')), gone: orOmit(pick(gone, 'id')) }),
);

@Controller()
class Pages {
  @Get('timed')
  @Access()
  @Screen(timed)
  timed() {
    return {};
  }
  @Get('by-hand')
  @Access()
  byHand(): string {
    return 'by hand';
  }
  @Get('forbidden')
  @Access()
  forbidden(): never {
    throw new ForbiddenException();
  }
  @Get('open')
  @Public()
  open(): string {
    return 'open';
  }
}

const origin = 'https://shop.example.com';
let app: GatewayUnderTest;
let operator: string;
beforeAll(async () => {
  app = await GatewayUnderTest.start({
    controllers: [Pages],
    policy: `${takesTokens}cors: { origins: ['${origin}'] }\nserverTiming: { scopes: [timing:read] }\n`,
    upstreams: "  shop: { urls: ['${SHOP_URL}'], retry: { attempts: 2 }, cache: { getItem: { ttl: 1m } } }",
  });
  let late = 0;
  app.shop.reply = (socket, request) => {
    if (request.target.endsWith('/gone')) return rawReplies.json({}, {}, 404)(socket, request);
    if (request.target.endsWith('/late') && ++late === 1) return rawReplies.json({}, {}, 503)(socket, request);
    return rawReplies.json({ id: 'i-1', name: 'Lamp' })(socket, request);
  };
  operator = await app.token('ada', 'timing:read');
});
afterAll(() => app?.stop());

interface Entry {
  readonly name: string;
  readonly dur: number | undefined;
  readonly desc: string | undefined;
}

/** Server-Timing = #server-timing-metric; metric = token *( OWS ";" OWS name "=" ( token / quoted-string ) ) */
function parse(header: string): readonly Entry[] {
  const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
  const metric = new RegExp(`^(${token})(?:;dur=(\\d+(?:\\.\\d)?))?(?:;desc="((?:[^"\\\\]|\\\\.)*)")?$`);
  return header.split(', ').map((one) => {
    const [, name, dur, desc] = metric.exec(one) ?? [];
    if (name === undefined) throw new Error(`no metric: ${one}`);
    return { name, dur: dur === undefined ? undefined : Number(dur), desc };
  });
}

const timingOf = async (path: string, headers: Readonly<Record<string, string>> = {}, token = operator) => {
  const response = await app.ask(path, { token, headers });
  await response.text();
  const timing = response.headers.get('server-timing');
  return { response, entries: timing === null ? undefined : parse(timing) };
};

describe('Server-Timing', () => {
  it('names each part with its time, attempts, cache and reason, and the trace', async () => {
    const first = await timingOf('/timed');
    expect(first.entries?.map(({ name, desc }) => [name, desc])).toEqual([
      ['total', undefined],
      ['traceparent', expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/)],
      ['plan', 'spec.timed'],
      ['kept', 'cache=miss'],
      ['late', 'attempts=2 cache=miss'],
      ['gone', 'cache=miss reason=not_found'],
    ]);
    const shown =
      /^server-timing: (.*)$/m.exec(readFileSync(join(workspaceRoot, 'docs/headers.md'), 'utf8'))?.[1] ?? '';
    const without = (entries: readonly Entry[] = []) =>
      entries.map(({ name, desc }) => [name, name === 'traceparent' ? '' : desc]);
    expect(without(first.entries)).toEqual(without(parse(shown)));
    for (const { name, dur } of first.entries ?? []) if (name !== 'traceparent') expect(dur).toBeGreaterThanOrEqual(0);
    const [total, , planned] = first.entries ?? [];
    expect(total?.dur).toBeGreaterThanOrEqual(planned?.dur ?? Infinity);
    const second = await timingOf('/timed');
    expect(second.entries?.find(({ name }) => name === 'kept')).toEqual({ name: 'kept', dur: 0, desc: 'cache=hit' });
  });

  it('stands on problems and on what is written by hand, too', async () => {
    for (const [path, status] of [
      ['/by-hand', 200],
      ['/forbidden', 403],
    ] as const) {
      const { response, entries } = await timingOf(path);
      expect(response.status).toBe(status);
      expect(entries?.map(({ name }) => name)).toEqual(['total', 'traceparent']);
      expect(response.headers.get('x-request-id')).not.toBeNull();
    }
  });

  it('stands on the refusal of a caller that a signal blocks', async () => {
    const blocking = await GatewayUnderTest.start({
      controllers: [Pages],
      policy: `${takesTokens}serverTiming: { scopes: [timing:read] }\nsignals: { it: { window: 1h, for: 1h, watch: refusals, per: user, share: 50%, atLeast: 2, action: block } }\n`,
      upstreams: "  shop: { urls: ['${SHOP_URL}'] }",
    });
    try {
      const token = await blocking.token('ada', 'timing:read');
      await expect
        .poll(async () => (await blocking.ask('/forbidden', { token })).status, { timeout: 10_000 })
        .toBe(429);
      const refused = await blocking.ask('/by-hand', { token });
      expect(refused.status).toBe(429);
      expect(refused.headers.get('server-timing')).toMatch(/^total;dur=/);
    } finally {
      await blocking.stop();
    }
  });

  it('is read by pages of the origins of policy alone', async () => {
    const allowed = await timingOf('/by-hand', { origin });
    expect(allowed.response.headers.get('timing-allow-origin')).toBe(origin);
    expect((await timingOf('/by-hand')).response.headers.get('timing-allow-origin')).toBeNull();
    const other = await timingOf('/by-hand', { origin: 'https://evil.example' });
    expect(other.response.headers.get('timing-allow-origin')).toBeNull();
  });

  it('is for the callers of policy alone', async () => {
    const { response, entries } = await timingOf('/timed', { origin }, await app.token('ada', 'other'));
    expect([entries, response.headers.get('timing-allow-origin')]).toEqual([undefined, null]);
    for (const path of ['/open', '/timed', '/nothing'])
      expect((await app.ask(path)).headers.get('server-timing')).toBeNull();
  });
});

const context = (): RequestContext => {
  const made = new RequestContext('r-1', 0, 'GET', '192.0.2.1', {});
  made.notes = new RequestNotes();
  return made;
};
const start = { upstream: 'shop', operation: 'o', method: 'GET', address: '', attempt: 1, startedAt: 1, spanId: '', waitedMs: 0, circuit: '' as const }; // prettier-ignore

describe('the value of Server-Timing', () => {
  it('can be parsed for every name and every time', () => {
    const time = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), time, time)), fc.string(), (parts, name) => {
        const made = context();
        for (const [part, startedAt, endedAt] of parts) {
          made.calls.push({ ...openCall({ ...start, part, startedAt }), endedAt, outcome: 'ok' });
        }
        if (made.notes !== undefined) made.notes.plan = { name, after: new Map(), startedAt: 0, endedAt: undefined };
        const value = serverTiming(made, 5);
        expect(parse(value).length).toBeGreaterThan(1);
        expect(value).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });

  it('is bounded, and says how many parts it leaves out', () => {
    const made = context();
    const failures = (made.failures = new CallFailures());
    for (let at = 0; at < 500; at++) {
      made.calls.push(openCall({ ...start, part: `part-${at}-${'x'.repeat(200)}` }));
      made.notes?.noteCache(`cached-${at}`, 'shop', 'o', 'hit', 1);
    }
    expect(failures.list).toEqual([]);
    const value = serverTiming(made, 5);
    expect(value.length).toBeLessThan(4_100);
    // 500 parts with calls, and 100 of the lookups, which is as many as are noted.
    expect(Number(parse(value).at(-1)?.desc) + parse(value).length - 2).toBe(600);
    expect(parse(value).at(-1)?.name).toBe('more');
  });
});
