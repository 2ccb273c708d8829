import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultLimits, parseDocument } from '../document/parse-document.js';
import { applyOverlay } from './apply-overlay.js';
import { joinOverlays } from './join-overlays.js';

const header = (version: string): string => `overlay: ${version}\ninfo: { title: O, version: '1' }\n`;
const apply = (text: string, document: unknown): unknown =>
  applyOverlay(document, { file: 'joined.yaml', text }, defaultLimits);

describe('several overlays', () => {
  it('become one with the actions of all in their order, and keep their comments', () => {
    const first = `# Of the payments team.\n${header('1.0.0')}actions:\n  # The service sends null.\n  - target: $\n    update: { a: 1 }\n`;
    const second = `${header('1.1.0')}actions:\n  # Known since May.\n  - target: $\n    copy: $.b\n  - target: $.a\n    update: 2 # two\n`;
    const joined = joinOverlays([
      { file: 'first.yaml', text: first },
      { file: 'second.yaml', text: second },
    ]);
    for (const comment of ['# Of the payments team.', '# The service sends null.', '# Known since May.', '# two'])
      expect(joined).toContain(comment);
    expect(apply(joined, { b: { c: 3 } })).toEqual({ a: 2, b: { c: 3 }, c: 3 });
  });

  it('that is one stays as it is written', () => {
    const text = `${header('1.0.0')}actions: [ {target: $.a,   remove: true} ] # odd\n`;
    expect(joinOverlays([{ file: 'a.yaml', text }])).toBe(text);
  });

  it('may be JSON, and may have anchors', () => {
    const json = JSON.stringify({ overlay: '1.0.0', actions: [{ target: '$', update: { a: 1 } }] });
    const anchors = `overlay: 1.0.0\nx-text: &text { z: 1 }\nactions:\n  - { target: $, update: { c: *text } }\n`;
    const joined = joinOverlays([
      { file: 'a.json', text: json },
      { file: 'b.yaml', text: anchors },
    ]);
    expect(apply(joined, {})).toEqual({ a: 1, c: { z: 1 } });
  });

  it('is refused with the place in its own file', () => {
    const good = { file: 'good.yaml', text: `${header('1.0.0')}actions: [{ target: $, update: {} }]` };
    const bad = { file: 'bad.yaml', text: `${header('1.0.0')}actions:\n  - { target: $, updates: {} }` };
    expect(() => joinOverlays([good, bad])).toThrow('bad.yaml:4:5: an action has no member updates');
  });

  it('change a document as they do one after the other', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const value = fc.oneof(
      fc.integer(),
      fc.dictionary(key, fc.integer(), { maxKeys: 2 }),
      fc.array(fc.integer(), { maxLength: 2 }),
    );
    const action = fc.record({ target: fc.constant('$'), update: fc.dictionary(key, value, { maxKeys: 3 }) });
    const text = fc
      .array(action, { minLength: 1, maxLength: 3 })
      .map((actions) => JSON.stringify({ overlay: '1.0.0', actions }));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), fc.dictionary(key, value), (texts, document) => {
        const sources = texts.map((each, index) => ({ file: `${index}.json`, text: each }));
        const oneByOne = sources.reduce<unknown>(
          (changed, source) => applyOverlay(changed, source, defaultLimits),
          document,
        );
        const joined = parseDocument('j', joinOverlays(sources));
        expect(joined.value).toBeDefined();
        expect(apply(joinOverlays(sources), document)).toEqual(oneByOne);
      }),
      { numRuns: 100 },
    );
  });
});
