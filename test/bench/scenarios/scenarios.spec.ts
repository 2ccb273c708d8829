import { describe, expect, it } from 'vitest';
import { byHand } from './by-hand.js';
import { scenarios } from './scenarios.js';
import { screens } from './screens.js';

const shapeOf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return typeof value;
  return Array.isArray(value)
    ? value.map(shapeOf)
    : Object.entries(value).map(([key, member]) => [key, shapeOf(member)]);
};

describe.each(scenarios)('scenario $name', ({ name, answers, calls }) => {
  it('has upstream responses that differ in their values, and not in shape or size', () => {
    for (const path of Object.keys(answers(0))) {
      const texts = Array.from({ length: 64 }, (_, variant) => JSON.stringify(answers(variant)[path]));
      expect(new Set(texts.map(({ length }) => length)).size, path).toBe(1);
      expect(new Set(texts).size, path).toBeGreaterThan(1);
      expect(shapeOf(answers(63)[path])).toEqual(shapeOf(answers(0)[path]));
    }
  });

  it('is written by hand with as many calls as it says', async () => {
    const asked: string[] = [];
    const screen = await byHand[name]?.();
    await screen?.(async <T>(path: string) => {
      asked.push(path);
      // The caller names the type.
      return answers(1)[path] as T;
    });
    expect(asked).toHaveLength(calls);
  });

  it('has a screen of ours', async () => {
    expect((await screens[name]?.())?.plan.parts.length).toBeGreaterThan(0);
  });
});
