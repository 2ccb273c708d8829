import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pick } from '../answer/combinators.js';
import { list, take } from '../answer/lists.js';
import { screen, type Screen } from '../answer/screen.js';
import { compileAnswer } from '../evaluate/compile-answer.js';
import { byHand, parsed, screenOfFive } from '../fixtures/home-five.js';
import { homePlan, homeScreen } from '../fixtures/home-screen.js';
import { answerScreens } from '../fixtures/answer-screens.js';
import { bytesOf, valuesOf, type Sent } from '../fixtures/arbitrary-answers.js';
import { mayBeAbsent } from '../plan/nodes.js';
import type { PartsReport } from '../run/parts-report.js';
import { compileCopyingAnswer } from './copying-answer.js';

const cases = Number(process.env['FUZZ_CASES'] ?? 20_000);

/** The answer of one run by both engines, as the client gets it. */
function both(of: Screen<unknown>) {
  const reference = compileAnswer(of);
  const copying = compileCopyingAnswer(of, reference);
  if (copying === undefined) throw new Error('nothing of it is copied');
  let copied = 0;
  const run = (documents: readonly (Sent['bytes'] | undefined)[], values: readonly unknown[], report?: PartsReport) => {
    const read = values.map((value, position) => {
      const bytes = documents[position];
      const reader = copying.readers[position];
      if (bytes === undefined || reader === undefined) return value;
      const document = reader(bytes);
      if (document === undefined) return value;
      copied += 1;
      return mayBeAbsent(of.plan.parts[position]!.node) ? { ok: true, value: document } : document;
    });
    return { want: bodyOf(reference(values, {}, report)), have: bodyOf(copying.make(read, {}, report)) };
  };
  return { run, readers: copying.readers, copied: () => copied };
}

function bodyOf(made: ReturnType<ReturnType<typeof compileAnswer>>) {
  if (made.kind !== 'made') return made;
  const { body, encoding, ...others } = made;
  return { ...others, bytes: Buffer.from(body, encoding).toString('utf8') };
}

describe('an answer that is copied', () => {
  it('is what code by hand would send, and is never parsed', () => {
    const { run, copied } = both(screenOfFive);
    const values = [parsed.user, parsed.cart, parsed.recommended, parsed.products, parsed.notifications];
    const { have } = run(
      values.map((value) => Buffer.from(JSON.stringify(value))),
      values,
    );
    expect(have).toMatchObject({ bytes: JSON.stringify(byHand(parsed)) });
    expect(copied()).toBe(5);
  });

  const screens = { home: homeScreen, five: screenOfFive, ...answerScreens };
  for (const [name, of] of Object.entries(screens)) {
    it(`of ${name} is what the reference engine makes of the same bytes, whatever they are`, () => {
      const { run, copied } = both(of);
      let all = 0;
      fc.assert(
        fc.property(valuesOf(of), fc.integer(), (values, seed) => {
          const documents = values.map((value, position) =>
            bytesOf(value, of.plan.parts[position]!.node, seed + position),
          );
          const sent = documents.map((bytes, position) => (bytes === undefined ? values[position] : bytes.value));
          all += documents.filter((bytes) => bytes !== undefined).length;
          const { want, have } = run(
            documents.map((bytes) => bytes?.bytes),
            sent,
          );
          expect(have).toEqual(want);
        }),
        { numRuns: Math.ceil(cases / Object.keys(screens).length / 4) },
      );
      // A test in which nothing is copied would say nothing.
      expect(copied() / all).toBeGreaterThan(0.2);
    });
  }

  it('says what is missing among its members, in whatever script the part is reported', () => {
    const { run } = both(screen(homePlan, ({ profile }) => ({ name: profile.name })));
    const profile = { id: 'u', name: 'Zoë 漢', points: 1, phone: null, tier: 'GOLD' };
    const values = [profile, { items: [] }, [], [], { ok: false, status: 'timeout' }, []];
    const report = { menu: { status: 'timeout', source: 'none' } } as const;
    const { want, have } = run([Buffer.from(JSON.stringify(profile))], values, report);
    expect(have).toEqual(want);
    expect(have).toMatchObject({ bytes: expect.stringContaining('"name":"Zoë 漢","_parts"') });
  });

  it('takes only so many items', () => {
    const of = screen(homePlan, ({ stores }) => list(take(stores, 2), (store) => pick(store, 'id')));
    const { run, copied } = both(of);
    const stores = ['a', 'b', 'c'].map((id) => ({ id, name: id }));
    const values = [{}, { items: [] }, stores, [], { ok: false, status: 'timeout' }, []];
    const { have } = run([undefined, undefined, Buffer.from(JSON.stringify(stores))], values);
    expect(have).toMatchObject({ bytes: '[{"id":"a"},{"id":"b"}]' });
    expect(copied()).toBe(1);
  });
});
