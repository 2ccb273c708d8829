import { describe, expect, it } from 'vitest';
import { loadSvg } from './load-svg.js';
import type { AppStep, LoadStep } from './load-step.js';
import { loadText } from './load-text.js';
import { saturationOf } from './saturation.js';

const step = (rate: number, app: Partial<AppStep> = {}, more: { machine?: number; cpu?: number } = {}): LoadStep => ({
  rate,
  seconds: 2,
  result: {
    requests: rate * 2,
    good: rate * 2,
    partial: 0,
    statuses: {},
    p50Ms: 12,
    p99Ms: 40,
    sentLateMs: 1,
    cpu: more.cpu ?? 0.2,
  },
  machine: more.machine ?? 0.5,
  app: {
    cpu: 0.3,
    cpuMs: 2.5,
    loopDelayMs: 12,
    shedRequests: 0,
    rateLimited: 0,
    shedCalls: new Map(),
    operations: new Map([['orders.listOrders', { callsPerRequest: 1, p50Ms: 10, p99Ms: 20, failed: 0 }]]),
    ...app,
  },
});
const base = step(20);
const slow = new Map([['orders.listOrders', { callsPerRequest: 1, p50Ms: 60, p99Ms: 90, failed: 0 }]]);

describe('the bound of a load test', () => {
  it.each<[string, LoadStep | undefined, string, RegExp]>([
    ['an end of the time', undefined, 'nothing', /ended before/],
    ['a busy generator', step(900, {}, { cpu: 0.97 }), 'setting', /load generator itself: it used 97%/],
    [
      'refused calls',
      step(900, { shedCalls: new Map([['orders', 31]]), cpu: 0.9 }),
      'app',
      /`concurrency` of orders: 31/,
    ],
    ['a busy core', step(900, { cpu: 0.98, shedRequests: 5 }), 'app', /CPU of the BFF: its process used 98%/],
    ['refused requests', step(900, { shedRequests: 5 }), 'app', /admission: 5 requests/],
    ['a busy machine', step(900, {}, { machine: 1 }), 'setting', /this machine: its 2 cores were 100% busy/],
    [
      'a slow service',
      step(900, { operations: slow }),
      'upstream',
      /orders.listOrders: 99 of 100 calls took up to 90 ms, and 20 ms/,
    ],
  ])('is known by %s', (_name, broke, of, text) => {
    expect(saturationOf(broke, base, 2)).toMatchObject({ of, text: expect.stringMatching(text) });
  });
});

describe('the report', () => {
  const report = {
    name: 'mobile GET /<home>',
    deadlineMs: 600,
    declared: ['orders 40 ms'],
    steps: [step(40), base],
    capacity: 40,
    below: 80,
    parts: new Map([['recent', 'orders.listOrders']]),
  };

  it('is a table of rates and parts', () => {
    const text = loadText(report);
    expect(text).toContain('sandbox with orders 40 ms');
    expect(text).toMatch(/^ {8}20 {2}100% {7}0%/m);
    expect(text).toContain('capacity   40 requests/s, below 80');
    expect(text).toMatch(/^recent +orders\.listOrders +1\.0 +10 +20 +0%$/m);
  });

  it('is a chart that screen readers and dark pages have, too', () => {
    const svg = loadSvg(report);
    expect(svg).toContain('role="img" aria-labelledby="title description"');
    expect(svg).toContain('20 requests/s: p50 12 ms, p99 40 ms; 40 requests/s');
    expect(svg).toContain('prefers-color-scheme:dark');
    expect(svg).toContain('GET /&lt;home&gt;');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});
