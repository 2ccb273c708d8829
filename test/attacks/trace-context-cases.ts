/** One request of the suite: what is sent, and what its receiver passes on. */
export interface TraceCase {
  readonly name: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** True if the trace id of the sender goes on. @default false: a new trace begins */
  readonly continues?: boolean;
  /** The `tracestate` that is passed on. @default none */
  readonly state?: string;
}

const trace = '12345678901234567890123456789012';
const span = '1234567890123456';
const zeros = '0';
type Lines = TraceCase['headers'];

const parent = (name: string, value: string, continues = false): TraceCase => ({
  name: `traceparent ${name}`,
  headers: [['traceparent', value]],
  continues,
});

const state = (name: string, values: readonly string[], passedOn?: string): TraceCase => ({
  name: `tracestate ${name}`,
  headers: [['traceparent', `00-${trace}-${span}-00`], ...values.map((value): Lines[number] => ['tracestate', value])],
  continues: true,
  ...(passedOn !== undefined && { state: passedOn }),
});

const range = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)).join('');
const everyKeyLetter = `${range(0x61, 0x7a)}0123456789_-*/`;
const everyValueLetter = range(0x20, 0x2b) + range(0x2d, 0x3c) + range(0x3e, 0x7e);
const members = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i).padStart(2, '0'))
    .map((number) => `bar${number}=${number}`)
    .join(',');
const thirty = [members(1, 10), members(11, 20), members(21, 30)];

/** The cases of the public validation suite (test/test.py of w3c/trace-context, strict level 2), as data. */
export const suiteCases: readonly TraceCase[] = [
  { name: 'nothing', headers: [] },
  parent('alone', `00-${trace}-${span}-01`, true),
  {
    name: 'traceparent twice',
    headers: [
      ['traceparent', `00-${trace.slice(0, -1)}1-${span}-01`],
      ['traceparent', `00-${trace}-${span}-01`],
    ],
  },
  ...['trace-parent', 'trace.parent'].map((name) => ({
    name: `the field ${name}`,
    headers: [[name, `00-${trace}-${span}-01`]] as const,
  })),
  ...['TraceParent', 'TrAcEpArEnT', 'TRACEPARENT'].map((name) => ({
    name: `the field ${name}`,
    headers: [[name, `00-${trace}-${span}-01`]] as const,
    continues: true,
  })),
  parent('of version 00 with a dot behind it', `00-${trace}-${span}-01.`),
  parent('of version 00 with more behind it', `00-${trace}-${span}-01-what-the-future-will-be-like`),
  parent('of version cc', `cc-${trace}-${span}-01`, true),
  parent('of version cc with more behind it', `cc-${trace}-${span}-01-what-the-future-will-be-like`, true),
  parent('of version cc with a dot behind it', `cc-${trace}-${span}-01.what-the-future-will-be-like`),
  parent('of version ff', `ff-${trace}-${span}-01`),
  parent('with .0 as version', `.0-${trace}-${span}-01`),
  parent('with 0. as version', `0.-${trace}-${span}-01`),
  parent('with 000 as version', `000-${trace}-${span}-01`),
  parent('with 0000 as version', `0000-${trace}-${span}-01`),
  parent('with 0 as version', `0-${trace}-${span}-01`),
  parent('with a trace id of zeros', `00-${zeros.repeat(32)}-${span}-01`),
  parent('with a dot before the trace id', `00-.${trace.slice(1)}-${span}-01`),
  parent('with a dot behind the trace id', `00-${trace.slice(0, -1)}.-${span}-01`),
  parent('with 33 digits of trace id', `00-${trace}3-${span}-01`),
  parent('with 31 digits of trace id', `00-${trace.slice(0, -1)}-${span}-01`),
  parent('with a parent id of zeros', `00-${trace}-${zeros.repeat(16)}-01`),
  parent('with a dot before the parent id', `00-${trace}-.${span.slice(1)}-01`),
  parent('with a dot behind the parent id', `00-${trace}-${span.slice(0, -1)}.-01`),
  parent('with 17 digits of parent id', `00-${trace}-${span}7-01`),
  parent('with 15 digits of parent id', `00-${trace}-${span.slice(0, -1)}-01`),
  parent('with .0 as flags', `00-${trace}-${span}-.0`),
  parent('with 0. as flags', `00-${trace}-${span}-0.`),
  parent('with 001 as flags', `00-${trace}-${span}-001`),
  parent('with 1 as flags', `00-${trace}-${span}-1`),
  parent('after a blank', ` 00-${trace}-${span}-01`, true),
  parent('after a tab', `\t00-${trace}-${span}-01`, true),
  parent('before a blank', `00-${trace}-${span}-01 `, true),
  parent('before a tab', `00-${trace}-${span}-01\t`, true),
  parent('between tabs and blanks', `\t 00-${trace}-${span}-01 \t`, true),
  { name: 'tracestate without traceparent', headers: [['tracestate', 'foo=1,bar=2']] },
  state('of two members', ['foo=1,bar=2'], 'foo=1,bar=2'),
  ...['trace-state', 'trace.state'].map((name) => ({
    name: `the field ${name}`,
    headers: [
      ['traceparent', `00-${trace}-${span}-00`],
      [name, 'foo=1'],
    ] as const,
    continues: true,
  })),
  ...['TraceState', 'TrAcEsTaTe', 'TRACESTATE'].map((name) => ({
    name: `the field ${name}`,
    headers: [
      ['traceparent', `00-${trace}-${span}-00`],
      [name, 'foo=1'],
    ] as const,
    continues: true,
    state: 'foo=1',
  })),
  state('that is empty', ['']),
  state('and an empty one behind it', ['foo=1', ''], 'foo=1'),
  state('and an empty one before it', ['', 'foo=1'], 'foo=1'),
  state('in three fields', ['foo=1,bar=2', 'rojo=1,congo=2', 'baz=3'], 'foo=1,bar=2,rojo=1,congo=2,baz=3'),
  state('with a key twice, the same value', ['foo=1,foo=1']),
  state('with a key twice, another value', ['foo=1,foo=2']),
  state('with a key twice in two fields', ['foo=1', 'foo=1']),
  state('with a key twice in two fields, another value', ['foo=1', 'foo=2']),
  state('of every letter', [`${everyKeyLetter}=${everyValueLetter}`], `${everyKeyLetter}=${everyValueLetter}`),
  state(
    'of every letter with a vendor',
    [`${everyKeyLetter}@a-z0-9_-*/=${everyValueLetter}`],
    `${everyKeyLetter}@a-z0-9_-*/=${everyValueLetter}`,
  ),
  state('with blanks and tabs between', ['foo=1 \t , \t bar=2, \t baz=3'], 'foo=1,bar=2,baz=3'),
  state('with tabs and blanks between', ['foo=1\t \t,\t \tbar=2,\t \tbaz=3'], 'foo=1,bar=2,baz=3'),
  ...[' foo=1', '\tfoo=1', 'foo=1 ', 'foo=1\t', '\t foo=1 \t'].map((text) =>
    state(JSON.stringify(text), [text], 'foo=1'),
  ),
  ...['foo =1', 'FOO=1', 'foo.bar=1', 'foo@=1,bar=2', '@foo=1,bar=2', 'foo@@bar=1,bar=2', 'foo@bar@baz=1,bar=2'].map(
    (text) => state(`with a malformed key: ${text}`, [text]),
  ),
  state('of 32 members', [...thirty, members(31, 32)], [...thirty, members(31, 32)].join(',')),
  state('of 33 members', [...thirty, members(31, 33)]),
  state('with a key of 256 letters', ['foo=1', `${'z'.repeat(256)}=1`], `foo=1,${'z'.repeat(256)}=1`),
  state('with a key of 257 letters', ['foo=1', `${'z'.repeat(257)}=1`]),
  state(
    'with a tenant of 241 letters and a vendor of 14',
    ['foo=1', `${'t'.repeat(241)}@${'v'.repeat(14)}=1`],
    `foo=1,${'t'.repeat(241)}@${'v'.repeat(14)}=1`,
  ),
  state('with a tenant of 242 letters', ['foo=1', `${'t'.repeat(242)}@v=1`]),
  state('with a vendor of 15 letters', ['foo=1', `t@${'v'.repeat(15)}=1`]),
  state('with = in a value', ['foo=bar=baz']),
  state('with an empty value', ['foo=,bar=3']),
];

/** Cases that the suite lacks, from the text of both levels. */
export const furtherCases: readonly TraceCase[] = [
  parent('in upper case', `00-${'ABCDEF0123456789'.repeat(2)}-${span}-01`),
  parent('with upper case flags', `00-${trace}-${span}-0A`),
  parent('with an upper case version', `CC-${trace}-${span}-01`),
  parent('that ends with a dash in version 00', `00-${trace}-${span}-01-`),
  parent('of another version that ends with a dash', `01-${trace}-${span}-01-`, true),
  parent('twice in one field', `00-${trace}-${span}-01, 00-${trace}-${span}-01`),
  parent('with a comma behind it', `00-${trace}-${span}-01,`),
  parent('with every flag', `00-${trace}-${span}-ff`, true),
  parent('that is empty', ''),
  state('with a digit first (level 2)', ['0foo=1'], '0foo=1'),
  state('with a digit first before a vendor (level 1)', ['0foo@bar=1'], '0foo@bar=1'),
  state('with a digit first in the vendor', ['foo@0bar=1']),
  state('with empty members', [',foo=1,, ,bar=2,'], 'foo=1,bar=2'),
  state('of commas alone', [',,,,']),
  state('without =', ['foo']),
  state('with one member without =', ['foo=1,bar']),
  state('with an empty key', ['=1']),
  state('with a value of 256 letters', [`foo=${'v'.repeat(256)}`], `foo=${'v'.repeat(256)}`),
  state('with a value of 257 letters', [`foo=${'v'.repeat(257)}`]),
  state('with a letter that is not ASCII', ['foo=\u00e4']),
  state('with a value that begins with a blank', ['foo= 1'], 'foo= 1'),
  state('with a tab in a value', ['foo=a\tb']),
  state(
    'of more than 512 letters: long members go first',
    [`a=${'x'.repeat(200)},b=${'y'.repeat(200)}`, `c=${'z'.repeat(110)}`, 'd=1'],
    `a=${'x'.repeat(200)},c=${'z'.repeat(110)},d=1`,
  ),
  state(
    'of more than 512 letters: of short members the last go',
    [Array.from({ length: 8 }, (_, i) => `k${i}=${'v'.repeat(97)}`).join(',')],
    Array.from({ length: 5 }, (_, i) => `k${i}=${'v'.repeat(97)}`).join(','),
  ),
];
