import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orNull, pick } from '../view/combinators.js';
import { list, take } from '../view/lists.js';
import { screen, type Screen } from '../view/screen.js';
import { compileView } from '../evaluate/compile-view.js';
import { byHand, parsed, screenOfFive } from '../fixtures/home-five.js';
import { homePlan, homeScreen } from '../fixtures/home-screen.js';
import { crmScreens } from '../fixtures/crm-screens.js';
import { viewExamples } from '../fixtures/view-examples.js';
import { sentBy, valuesOf, type Sent } from '../fixtures/arbitrary-responses.js';
import type { PartsReport } from '../model/parts-report.js';
import { compileProjectedView } from './projected-view.js';

const cases = Number(process.env['FUZZ_CASES'] ?? 20_000);

/** The response of one run by both engines, as the client gets it. */
function both(of: Screen<unknown>) {
  const reference = compileView(of);
  const projectedView = compileProjectedView(of, reference);
  if (projectedView === undefined) throw new Error('nothing of it is projected');
  const counts = { read: 0, projected: 0 };
  const run = (sent: readonly Sent[], report?: PartsReport) => {
    const read = sent.map((part, position) => {
      const reader = projectedView.readers[position];
      return reader === undefined
        ? part.value
        : part.readBy((bytes) => {
            const document = reader(bytes);
            counts.read += 1;
            if (document !== undefined) counts.projected += 1;
            return document;
          });
    });
    const values = sent.map(({ value }) => value);
    return { want: bodyOf(reference(values, {}, report)), have: bodyOf(projectedView.render(read, {}, report)) };
  };
  return { run, counts };
}

/** Values as they are, one per part. */
const plainly = (of: Screen<unknown>, values: readonly unknown[]): readonly Sent[] =>
  values.map((value, position) => sentBy(of.plan.parts[position]!.node, value, 1));

function bodyOf(made: ReturnType<ReturnType<typeof compileView>>) {
  if (made.kind !== 'made') return made;
  const { body, encoding, ...others } = made;
  return { ...others, bytes: Buffer.from(body, encoding).toString('utf8') };
}

describe('a projected view', () => {
  it('is what code by hand would send, and is never parsed', () => {
    const { run, counts } = both(screenOfFive);
    const values = [parsed.user, parsed.cart, parsed.recommended, parsed.products, parsed.notifications];
    expect(run(plainly(screenOfFive, values)).have).toMatchObject({ bytes: JSON.stringify(byHand(parsed)) });
    expect(counts).toEqual({ read: 5, projected: 5 });
  });

  const screens = { home: homeScreen, five: screenOfFive, ...viewExamples, ...crmScreens };
  for (const [name, of] of Object.entries(screens)) {
    it(`of ${name} is what the reference engine makes of the same bytes, whatever they are`, () => {
      const { run, counts } = both(of);
      fc.assert(
        fc.property(valuesOf(of), fc.integer(), (values, seed) => {
          const sent = values.map((value, position) => sentBy(of.plan.parts[position]!.node, value, seed + position));
          const { want, have } = run(sent);
          expect(have).toEqual(want);
        }),
        { numRuns: Math.ceil(cases / Object.keys(screens).length / 4) },
      );
      // A test without a projected value would prove nothing. Many of the numbers are beyond what a double holds.
      expect(counts.projected / counts.read).toBeGreaterThan(0.15);
    });
  }

  const there = { id: 'u', name: 'Zoë 漢', points: 1, phone: null, tier: 'GOLD' };
  const gone = { ok: false, status: 'timeout' };

  it('says what is missing among its members, in whatever script', () => {
    const of = screen(homePlan, ({ profile }) => ({ name: profile.name }));
    const report = { menu: { status: 'timeout', source: 'none' } } as const;
    const { want, have } = both(of).run(plainly(of, [there, { items: [] }, [], [], gone, []]), report);
    expect(have).toEqual(want);
    expect(have).toMatchObject({ bytes: expect.stringContaining('"name":"Zoë 漢","_parts"') });
  });

  it('takes only so many items', () => {
    const of = screen(homePlan, ({ stores }) => list(take(stores, 2), (store) => pick(store, 'id')));
    const { run, counts } = both(of);
    const stores = ['a', 'b', 'c'].map((id) => ({ id, name: id }));
    expect(run(plainly(of, [there, { items: [] }, stores, [], gone, []])).have).toMatchObject({
      bytes: '[{"id":"a"},{"id":"b"}]',
    });
    expect(counts.projected).toBe(counts.read);
  });

  it('has of each item of an `each` what arrived, and what stands in for what did not', () => {
    const of = screen(homePlan, ({ parcels }) => list(parcels, (parcel) => orNull(pick(parcel, 'eta'))));
    const { run, counts } = both(of);
    const parcels = [{ ok: true, value: { eta: 'today', state: 'x' } }, gone, { ok: true, value: { eta: 'tomorrow' } }];
    expect(run(plainly(of, [there, { items: [] }, [], [], gone, parcels])).have).toMatchObject({
      bytes: '[{"eta":"today"},null,{"eta":"tomorrow"}]',
    });
    expect(counts.projected).toBeGreaterThanOrEqual(2);
  });
});
