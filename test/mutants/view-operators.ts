/** One mistake in the evaluation or the projection of a verb of views, which the properties of views have to notice. */
export interface ViewMutant {
  /** The verb, and the engine: both parse where the reference engine has the mistake. */
  readonly verb: string;
  readonly mistake: string;
  /** Below `libs/aggregation/src`. */
  readonly file: string;
  /** Code that stands once in the file, and its replacement. */
  readonly what: string;
  readonly by: string;
}

type Row = readonly [verb: string, mistake: string, what: string, by: string];

const inFile = (file: string, rows: readonly Row[]): readonly ViewMutant[] =>
  rows.map(([verb, mistake, what, by]) => ({ verb, mistake, file, what, by }));

const lists = inFile('evaluate/combinators/evaluate-lists.ts', [
  [
    'list',
    'keeps elements that are left out',
    'mayBeOmitted ? made.filter((value) => value !== undefined) : made',
    'made',
  ],
  ['list', 'counts the index from one', 'slots[indexSlot] = i;', 'slots[indexSlot] = i + 1;'],
  ['take', 'takes one item more', 'of.slice(0, count)', 'of.slice(0, count + 1)'],
  [
    'where',
    'keeps the other items',
    "return atOnce(e.keep(item as never), 'a function",
    "return !atOnce(e.keep(item as never), 'a function",
  ],
  ['sortBy', 'does not know a direction of numbers', 'return (a - b) * direction;', 'return a - b;'],
  [
    'sortBy',
    'does not know a direction of texts',
    'return left < right ? -direction : direction;',
    'return left < right ? -1 : 1;',
  ],
  [
    'sortBy',
    'puts items without a key first',
    'Number(isNothing(a)) - Number(isNothing(b))',
    'Number(isNothing(b)) - Number(isNothing(a))',
  ],
  [
    'count',
    'counts one item less',
    'return isNothing(of) ? of : of.length;',
    'return isNothing(of) ? of : Math.max(0, of.length - 1);',
  ],
  [
    'first, at',
    'takes the next entry of a list',
    'return table[Number(key)] as unknown;',
    'return table[Number(key) + 1] as unknown;',
  ],
  [
    'at',
    'finds names that every object has',
    'isObject(table) ? ownMember(table, String(key))',
    'isObject(table) ? table[String(key)]',
  ],
  [
    'at',
    'has no empty list for a key without items',
    "const none = e.of.kind === 'groupBy' ? noItems : undefined;",
    'const none = undefined;',
  ],
]);

const joins = inFile('evaluate/combinators/evaluate-joins.ts', [
  [
    'indexBy',
    'keeps the first item of a key',
    'void table.set(key, item)',
    'void (table.has(key) ? table : table.set(key, item))',
  ],
  ['groupBy', 'turns the order of items', 'else known.push(item);', 'else known.unshift(item);'],
  [
    'where with equal',
    'has nothing for a key without items',
    '(groups.get(key) as unknown)) ?? noItems',
    '(groups.get(key) as unknown))',
  ],
  [
    'where with a condition',
    'keeps the other items',
    'if (holds === true) kept.push(item);',
    'if (holds === false) kept.push(item);',
  ],
  ['equal', 'takes two missing keys for equal', 'return one !== undefined && one === other;', 'return one === other;'],
  [
    'distinct',
    'keeps one item without a key alone',
    '(key === undefined || key === ABSENT)) return true;',
    '(key === undefined || key === ABSENT)) return !seen.has(key) && seen.add(key) !== undefined;',
  ],
  ['distinct', 'keeps equal items', 'if (seen.has(key)) return false;', ''],
  [
    'merge',
    'lets a missing member replace another',
    "if (member !== undefined && name !== '__proto__')",
    "if (name !== '__proto__')",
  ],
]);

const folds = inFile('evaluate/combinators/evaluate-folds.ts', [
  ['concat', 'leaves a missing part out', 'if (items === ABSENT) return ABSENT;', 'if (items === ABSENT) continue;'],
  ['flatten', 'refuses a list that is null', 'if (items === null || items === undefined) return true;', ''],
  [
    'sum',
    'adds decimals as doubles',
    "e.kind === 'sum' ? exactSum :",
    "e.kind === 'sum' ? (all: readonly number[]) => all.reduce((total, one) => total + one, 0) :",
  ],
  ['min', 'takes the largest', 'one < found', 'one > found'],
  ['max', 'takes the smallest', 'one > found', 'one < found'],
]);

const others = [
  ...inFile('evaluate/combinators/evaluate-joined.ts', [
    [
      'omit',
      'keeps what it leaves out',
      'filter(([name]) => !omitted.has(name))',
      'filter(([name]) => omitted.has(name))',
    ],
    [
      'groupBy',
      'keeps the table of another item',
      'items.every((item, i) => Object.is(slots[item], madeFor[i]))',
      'items.length > 0',
    ],
  ]),
  ...inFile('evaluate/combinators/evaluate-choices.ts', [
    [
      'when',
      'takes the other one',
      'return holds === true ? consequent(scope) : alternate(scope);',
      'return holds === true ? alternate(scope) : consequent(scope);',
    ],
    [
      'mapEnum',
      'takes the other value for each',
      'if (made !== undefined || map.has(value)) return made;',
      'if (!hasOther && map.has(value)) return made;',
    ],
    ['byKind', 'does not hand over the variant', 'scope.slots[variant.slot] = value;', ''],
    [
      'text',
      'writes the text before a value behind it',
      "String(value) + (strings[i + 1] ?? '')",
      "String(value) + (strings[i] ?? '')",
    ],
    [
      'compute',
      'gives what it is made of',
      "return atOnce(e.run(seen as never), 'a function of compute(...) or test(...)');",
      "return e.schema === undefined ? atOnce(e.run(seen as never), 'a function of compute(...) or test(...)') : Object.values(seen)[0];",
    ],
  ]),
  ...inFile('evaluate/view-compiler.ts', [
    [
      'orElse',
      'keeps null',
      'value === ABSENT || value === null || value === undefined ? other(scope) : value',
      'value === ABSENT || value === undefined ? other(scope) : value',
    ],
    [
      'pick',
      'leaves the first member out',
      'e.keys.map((key) => this.member(',
      'e.keys.slice(1).map((key) => this.member(',
    ],
    [
      'within',
      'goes into null',
      'if (value === ABSENT || value === null || value === undefined) return value;',
      'if (value === ABSENT) return value;',
    ],
    [
      'all values',
      'sends members that the contract does not declare',
      "return typeof value === 'object' && value !== null ? prune(value, scope, origin) : value;",
      'return value ?? prune(value, scope, origin);',
    ],
    [
      'named',
      'is nothing',
      "case 'named':\n        return this.kept(e.of);",
      "case 'named':\n        return () => null;",
    ],
  ]),
];

const projected = [
  ...inFile('projection/templates/template-maker.ts', [
    [
      'take, as bytes',
      'takes one item more',
      'return this.#whole(e, e.of, e.count);',
      'return this.#whole(e, e.of, e.count + 1);',
    ],
    ['list of take, as bytes', 'takes all items', '? [e.over.of, e.over.count]', '? [e.over.of, undefined]'],
    [
      'list, as bytes',
      'keeps elements that are left out',
      'const omits = this.#shapes.of(e.body).optional;',
      'const omits = false;',
    ],
    [
      'mapEnum, as bytes',
      'gives the value of the contract',
      '({ is, gives: constant(value) })',
      '({ is, gives: constant(value === undefined ? value : is) })',
    ],
    [
      'text, as bytes',
      'turns its texts',
      'texts: strings, values: parts',
      'texts: strings.toReversed(), values: parts',
    ],
    [
      'omit, as bytes',
      'leaves nothing out',
      'return this.#values.template(this.#draftOf(e.of), this.#shapes.of(e).schema);',
      'return this.#values.template(this.#draftOf(e.of), this.#shapes.of(e.of).schema);',
    ],
    [
      'flatten, as bytes',
      'keeps the lists within',
      'list(inner, false, { flattens: true })',
      'list(inner, false, { flattens: false })',
    ],
    [
      'at, as bytes',
      'takes the next entry',
      'return this.#find(of).entry(index);',
      'return this.#find(of).entry(index + 1);',
    ],
    [
      'pick, as bytes',
      'leaves the first member out',
      'const members = e.keys.map((key) =>',
      'const members = e.keys.slice(1).map((key) =>',
    ],
  ]),
  ...inFile('projection/templates/merged-members.ts', [
    [
      'merge, as bytes',
      'takes the last object, whether it has the member or not',
      'shapes.of(known).optional || shapes.of(value).optional',
      'false',
    ],
  ]),
  ...inFile('projection/assemble.ts', [
    [
      'concat, of several parts',
      'keeps the brackets between two lists',
      "text === '' ? '' : ','}${value.slice(1, -1)}`",
      "text === '' ? '' : ','}${value}`",
    ],
    [
      'orElse, of a part',
      'keeps null',
      "text === ABSENT || text === undefined || text === 'null' ? other(from) : text",
      'text === ABSENT || text === undefined ? other(from) : text',
    ],
    [
      'list of an each, as bytes',
      'has null for what is left out',
      'if (value !== undefined || !omitsNothing)',
      'if (value !== undefined || omitsNothing)',
    ],
  ]),
];

export const viewMutants: readonly ViewMutant[] = [...lists, ...joins, ...folds, ...others, ...projected];

/** Its name on the command line. */
export const nameOf = ({ verb, mistake }: ViewMutant): string => `${verb}: ${mistake}`;

/** @throws {Error} where the code that it replaces does not stand once in the file */
export function applyTo(source: string, { file, what, by }: ViewMutant): string {
  if (source.split(what).length !== 2) throw new Error(`${file} does not have once: ${what}`);
  return source.replace(what, () => by);
}
