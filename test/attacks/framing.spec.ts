import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { framingCases, smuggled } from './framing/cases.js';
import { mutated } from './framing/mutations.js';
import { lineOf, RecordingApp } from './framing/recording-app.js';
import { readFraming } from './framing/reference.js';

let app: RecordingApp;
beforeAll(async () => {
  app = await RecordingApp.start();
});
afterAll(() => app?.stop());

describe('framing of requests by RFC 9112 (H1)', () => {
  it.each(framingCases)('$name', async ({ bytes, handled }) => {
    const served = await app.serve([bytes + smuggled]);
    expect(served.handled.length).toBe(handled);
    if (handled === 0) expect(served.statuses.filter((status) => status < 400)).toEqual([]);
    // One response at most is a refusal: the connection is closed behind it.
    expect(served.statuses.filter((status) => status >= 400).length).toBeLessThanOrEqual(1);
  });

  it.each(framingCases)('$name, byte by byte', async ({ bytes, handled }) => {
    expect((await app.serve((bytes + smuggled).split(''))).handled.length).toBe(handled);
  });

  it.each(framingCases)('$name, as the reference of the fuzz test reads it', ({ bytes, handled }) => {
    expect(readFraming(bytes + smuggled).requests.length).toBe(handled);
  });
});

/** Those of `few` that do not stand in `all` as often. Their order does not matter: Node carries out pipelined requests at the same time. */
function beyond(few: readonly string[], all: readonly (string | undefined)[]): readonly string[] {
  const left = [...all];
  return few.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

describe('requests that were changed at random', () => {
  it('never become other or more requests than a strict reader finds, and leave every counter at zero', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async (pieces) => {
        const { requests } = readFraming(pieces.join(''));
        const { handled, statuses } = await app.serve(pieces);
        expect(beyond(handled, requests.map(lineOf))).toEqual([]);
        // Each request has one response, and what ends the reading has one.
        expect(statuses.length).toBeLessThanOrEqual(requests.length + 1);
        await expect.poll(() => [app.inFlight, app.watched], { interval: 1 }).toEqual([0, 0]);
      }),
      { numRuns: 400 },
    );
    expect((await app.get()).status).toBe(200);
  });
});
