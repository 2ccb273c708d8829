import { intersection, overlap, union, type CodePoints } from './code-points.js';
import type { PatternNode } from './pattern-syntax.js';
import { empty, Superlinear, type Fixed, type PatternShape, type Variation } from './shape.js';

/** Characters that are read again for each character before them. */
const maxFixedRun = 100;

/** @throws Superlinear */
export function shapeOf(node: PatternNode): PatternShape {
  switch (node.kind) {
    case 'characters': {
      const { set } = node;
      return {
        ...empty,
        always: [{ set, count: 1 }],
        all: set,
        first: set,
        last: set,
        mayBeEmpty: false,
        mayFail: true,
      };
    }
    case 'assertion': {
      const inner = node.looksAt === undefined ? empty : shapeOf(node.looksAt);
      return { ...empty, mayFail: true, ways: inner.ways, looksFar: inner.looksFar || inner.variations.some(isFar) };
    }
    case 'sequence':
      return sequence(node.items.map(shapeOf));
    case 'choice':
      return choice(node.branches.map(shapeOf));
    case 'repeat':
      return repeat(node);
  }
}

const isFar = ({ ways }: Variation): boolean => ways === Infinity;

/**
 * Two variations can read the same text in many ways where both accept the same characters, and no fixed text between them shows where
 * the first one ends. Two of them without a bound take quadratic time.
 * @param before the shapes in front of all parts
 * @throws Superlinear
 */
export function sequence(parts: readonly PatternShape[]): PatternShape {
  const found: Located[] = [];
  const counted = new Set<Variation>();
  const always = parts.flatMap((part) => part.always);
  let ways = 1;
  let waitsForEnd = false;
  for (const [index, part] of parts.entries()) {
    if (part.looksFar && found.length > 0) {
      throw new Superlinear('it looks ahead from many characters without a bound');
    }
    const behind = parts.slice(index + 1);
    const mayFailBehind = behind.some(({ mayFail }) => mayFail);
    if (part.waitsForEnd && mayFailBehind) throw new Superlinear(sharing);
    waitsForEnd ||= part.waitsForEnd;
    const before = parts.slice(0, index).flatMap((each) => each.always);
    const after = behind.flatMap((each) => each.always);
    for (const own of part.variations) {
      for (const earlier of found) {
        if (earlier.index === index || !isAmbiguous(earlier, own, parts.slice(earlier.index + 1, index))) continue;
        if (isFar(earlier.own) && isFar(own)) {
          if (own.mayFail || mayFailBehind) throw new Superlinear(sharing);
          waitsForEnd = true;
          continue;
        }
        for (const bounded of [earlier.own, own]) {
          if (isFar(bounded) || counted.has(bounded)) continue;
          counted.add(bounded);
          ways *= bounded.ways;
        }
      }
      const outer = {
        ...own,
        before: [...before, ...own.before],
        after: [...own.after, ...after],
        mayFail: own.mayFail || mayFailBehind,
      };
      if (isFar(own) && runOf(outer) > maxFixedRun) {
        throw new Superlinear(`it reads more than ${maxFixedRun} characters anew for each that a repetition reads`);
      }
      found.push({ own, index, outer });
    }
    ways *= part.ways;
  }
  return {
    variations: found.map(({ outer }) => outer),
    always,
    all: union(...parts.map(({ all }) => all)),
    first: firstOf(parts),
    last: firstOf(parts.toReversed(), 'last'),
    mayBeEmpty: parts.every(({ mayBeEmpty }) => mayBeEmpty),
    mayFail: parts.some(({ mayFail }) => mayFail),
    ways,
    looksFar: parts.some(({ looksFar }) => looksFar),
    waitsForEnd,
  };
}

interface Located {
  readonly own: Variation;
  /** Index of the part that holds it. */
  readonly index: number;
  /** The same variation as the surroundings of the sequence see it. */
  readonly outer: Variation;
}

const sharing = 'two of its repetitions can share one text in many ways, which takes quadratic time or more';

function firstOf(parts: readonly PatternShape[], end: 'first' | 'last' = 'first'): CodePoints {
  const sets: CodePoints[] = [];
  for (const part of parts) {
    sets.push(part[end]);
    if (!part.mayBeEmpty) break;
  }
  return union(...sets);
}

function isAmbiguous({ own: earlier }: Located, later: Variation, between: readonly PatternShape[]): boolean {
  if (!overlap(earlier.set, later.set)) return false;
  const shared = intersection(earlier.set, later.set);
  return [...earlier.after, ...between.flatMap(({ always }) => always), ...later.before].every(({ set }) =>
    overlap(set, shared),
  );
}

/** Number of characters behind a variation that are in its own set. */
function runOf({ set, after }: Variation): number {
  let run = 0;
  for (const fixed of after) {
    if (!overlap(fixed.set, set)) break;
    run += fixed.count;
  }
  return run;
}

function choice(branches: readonly PatternShape[]): PatternShape {
  const all = union(...branches.map((branch) => branch.all));
  const mayBeEmpty = branches.some((branch) => branch.mayBeEmpty);
  const isClear = branches.every((one, i) => branches.slice(i + 1).every((other) => !overlap(one.first, other.first)));
  const mayFail = branches.every((branch) => branch.mayFail);
  const length = Math.max(...branches.map(({ always }) => always.reduce((sum, { count }) => sum + count, 0)));
  const own: Variation = { set: all, ways: branches.length, before: [], after: [], mayFail: false };
  return {
    variations: [...branches.flatMap(({ variations }) => variations), ...(isClear && !mayBeEmpty ? [] : [own])],
    always: mayBeEmpty ? [] : [{ set: all, count: length }],
    all,
    first: union(...branches.map(({ first }) => first)),
    last: union(...branches.map(({ last }) => last)),
    mayBeEmpty,
    mayFail,
    ways: Math.max(...branches.map(({ ways }) => ways)) * (isClear ? 1 : branches.length),
    looksFar: branches.some(({ looksFar }) => looksFar),
    waitsForEnd: branches.some(({ waitsForEnd }) => waitsForEnd),
  };
}

function repeat({ of, min, max }: Extract<PatternNode, { readonly kind: 'repeat' }>): PatternShape {
  const body = shapeOf(of);
  if (max === 0) return empty;
  if (max === 1) return choice([body, empty]);
  if (body.looksFar) throw new Superlinear('it looks ahead from many characters without a bound');
  if (body.waitsForEnd) throw new Superlinear(sharing);
  if ((body.variations.length > 0 || body.ways > 1) && !isSeparated(of, body)) {
    throw new Superlinear('it repeats a repetition or a choice, which can take exponential time');
  }
  const { all } = body;
  const length = body.always.reduce((sum, { count }) => sum + count, 0);
  const rest = (min - 1) * length;
  const always = min === 0 ? [] : [...body.always, ...(rest > 0 ? [{ set: all, count: rest }] : [])];
  const ways = max - min + 1;
  // A round reads its first character on entry and its last on exit: these characters may separate it from its surroundings.
  const edge = (set: CodePoints): readonly Fixed[] => (body.mayBeEmpty ? [] : [{ set, count: 0 }]);
  const own: Variation = { set: all, ways, before: edge(body.first), after: edge(body.last), mayFail: false };
  return {
    // The variations of one round stay as well: before the first separator, or behind the last one.
    variations: [...body.variations, ...(ways === 1 || all.length === 0 ? [] : [own])],
    always,
    all,
    first: body.first,
    last: body.last,
    mayBeEmpty: min === 0 || body.mayBeEmpty,
    mayFail: min > 0 && body.mayFail,
    ways: 1,
    looksFar: false,
    waitsForEnd: false,
  };
}

/** True if each round begins or ends with a character that appears nowhere else in it, so that its limits are clear. */
function isSeparated(node: PatternNode, body: PatternShape): boolean {
  if (node.kind !== 'sequence' || body.ways > 1) return false;
  const { items } = node;
  return [0, items.length - 1].some((place) => {
    const mark = items[place];
    if (mark?.kind !== 'characters') return false;
    const others = items.filter((_, index) => index !== place).map((item) => shapeOf(item).all);
    return !overlap(mark.set, union(...others));
  });
}
