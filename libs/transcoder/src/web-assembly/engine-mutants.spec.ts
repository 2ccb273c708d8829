import { describe, expect, it } from 'vitest';
import { compileEngine, readSources } from '../../build.mjs';
import { fuzz } from '../fixtures/fuzz.js';

/** Possible mistakes in assembly/: the code that is replaced, and its replacement. */
const mutants: readonly (readonly [mistake: string, file: string, what: string, by: string])[] = [
  ['takes any letter for an escape', 'scan.ts', 'default:\n      return 0;', 'default:\n      return at + 2;'],
  [
    'takes control characters in strings',
    'scan.ts',
    'i8x16.lt_u(block, i8x16.splat(0x20))',
    'i8x16.lt_u(block, i8x16.splat(0x02))',
  ],
  ['does not bound the depth', 'scan.ts', 'depth < maxDepth ? skipItems', 'depth < 2 * maxDepth ? skipItems'],
  ['skips leading zeros', 'numbers.ts', ' || (load<u8>(first) == Char.zero && at - first > 1)', ''],
  ['skips an exponent without digits', 'numbers.ts', 'return at == exponent ? 0 : at;', 'return at;'],
  ['takes leading zeros', 'numbers.ts', '(zero && digits > 1)', '(zero && digits > 9)'],
  ['takes integers that no double holds', 'numbers.ts', 'value <= maxSafeInteger', 'value <= 2 * maxSafeInteger'],
  ['takes exponents that no double holds', 'numbers.ts', 'exponent == 1 || exponent == 2', 'exponent != 0'],
  ['takes decimals that no double holds', 'numbers.ts', 'found == Judged.changed ? 0 : end', 'end'],
  ['asks about no decimal', 'numbers.ts', 'kept <= exactDigits ? at', 'true ? at'],
  ['writes long decimals as they are', 'numbers.ts', 'found == Judged.canonical', 'true'],
  ['writes trailing zeros', 'numbers.ts', ' && load<u8>(at - 1) != Char.zero', ''],
  ['writes minus zero', 'numbers.ts', '!(negative && zero)', 'true'],
  ['does not miss what is required', 'read.ts', 'at && hasRequired(shape) ? at : 0', 'at'],
  ['reads a key twice', 'read.ts', 'key.shape.slot.held != Held.nothing', 'false'],
  ['does not know escaped keys', 'read.ts', 'if (sawEscape) return 0;', ''],
  ['keeps what was read before', 'read.ts', 'clear(region);\n  const', 'const'],
  ['writes an item too many', 'read.ts', 'index++ >= shape.limit', 'index++ > shape.limit'],
  [
    'forgets what stands in the place of an item',
    'read.ts',
    'if (written != place) copyBlocks',
    'if (false) copyBlocks',
  ],
  ['pairs a surrogate with anything', 'strings.ts', 'if (isLowSurrogate(low))', 'if (low)'],
  ['foresees more than it compared', 'foresee.ts', '0xffff >>', '0x7fff >>'],
  [
    'does not open the objects it foresaw',
    'read.ts',
    'step.opened.held = Held.object',
    'step.opened.held = Held.nothing',
  ],
  ['reads the entry behind', 'read.ts', 'index++ == shape.index', '++index == shape.index'],
  [
    'takes anything for a list without the entry',
    'read.ts',
    'return isNull(at) ? at + 4 : 0;',
    'return skipValue(at, depth);',
  ],
  ['counts the items of a list from one', 'read.ts', 'shape.slot.count = index;', 'shape.slot.count = index + 1;'],
  ['counts a list that is null', 'write.ts', 'load<u8>(slot.start) != Char.openList', 'false'],
  ['takes a case for its beginning', 'write.ts', 'part.length == length && isSame', 'isSame'],
  [
    'does not know an escaped case',
    'write.ts',
    'length = rewriteString(slot.start, slot.end, text) - text;',
    'text = slot.start;',
  ],
  [
    'gives nothing where there is no case',
    'write.ts',
    'write(template.other);\n  mustParse = true;',
    'write(template.other);',
  ],
  ['joins what is of another type', 'write.ts', '(types & typeOf(first)) != 0 && ', 'typeOf(first) != 0 && '],
  [
    'joins null',
    'write.ts',
    'isDigit(first) ? TypeBits.number : 0',
    'isDigit(first) ? TypeBits.number : TypeBits.boolean',
  ],
  ['joins half of a surrogate pair', 'write.ts', 'return isWellFormed;', 'return true;'],
  ['joins a string with its quote', 'write.ts', 'const end = slot.end - 1;', 'const end = slot.end;'],
  [
    'keeps the bracket between two lists',
    'write.ts',
    'store<u8>(before, Char.comma)',
    'store<u8>(before, Char.openList)',
  ],
  ['writes a comma for an empty list', 'write.ts', ' || out == start + 2', ''],
  ['takes null for a list with items', 'write.ts', 'load<u8>(start) != Char.openList || ', ''],
  ['gives nothing for no lists', 'write.ts', 'if (out == start) writeChar(Char.openList);', ''],
  [
    'keeps the comma of a list without items',
    'read.ts',
    'if (isEmptyList(written)) writeFrom(before);',
    'if (isEmptyList(written)) writeFrom(place);',
  ],
  [
    'keeps the brackets of the lists in a list',
    'read.ts',
    'copyBlocks(place, written + 1, length - 2);',
    'copyBlocks(place, written, length - 2);',
  ],
  [
    'has null for a list that is not there',
    'read.ts',
    '} else if (shape.flattens) writeFrom(before);\n  else if',
    '} else if',
  ],
  ['does not look behind the text', 'index.ts', ' || skipSpace(at) != end', ''],
];

/** Most are found within a few texts. */
const cases = 20_000;
/** A few need more. */
const mostCases = 60_000;
const seed = 1;

describe('an engine with a mistake', () => {
  const sources = readSources();

  it('is not what was built', async () => {
    expect(fuzz(Buffer.from(await compileEngine(sources, '-O1')), seed, cases).wrong).toBeUndefined();
  });

  it.each(mutants)('that %s is caught', async (_mistake, file, what, by) => {
    const source = sources.get(file) ?? '';
    expect(source.split(what)).toHaveLength(2);
    const mutant = new Map(sources).set(
      file,
      source.replace(what, () => by),
    );
    expect(fuzz(Buffer.from(await compileEngine(mutant, '-O1')), seed, mostCases).wrong).toBeDefined();
  });
});
