import { propertyName, showInvisible } from '../codegen/source-text.js';
import { runtimeText } from '../sdk/runtime-source.js';
import { generatedLine } from '../workspace/generated-folder.js';
import type { MockedScreen } from './mocked-screen.js';
import type { MockState } from './runtime/mocks.js';

const runtimeName = 'frontage.mocks.gen';

/** The files of mocks: by name, without the end. */
export interface MocksNames {
  readonly bff: string;
  /** The name of the client: `Mobile`. */
  readonly client: string;
  readonly importEnd: string;
}

/** The code of mocks of all BFFs. */
export const mocksRuntime = (): readonly [name: string, text: string] => [
  `${runtimeName}.ts`,
  runtimeText('frontage mocks', new URL('../../src/mocks/runtime/', import.meta.url), ['mocks']),
];

/** The text of `<bff>.mocks.gen.ts`. @param typesOf the types of the data and of the missing parts of a screen, in the client */
export function mocksSource(
  { bff, client, importEnd }: MocksNames,
  screens: readonly MockedScreen[],
  typesOf: (name: string) => { readonly data: string; readonly missing: string | undefined },
): string {
  const types = screens.flatMap(({ name, parts }) => {
    const { data, missing } = typesOf(name);
    return missing !== undefined && parts.size > 0 ? [data, missing] : [data];
  });
  const value = `${client.charAt(0).toLowerCase()}${client.slice(1)}`;
  return [
    generatedLine('frontage mocks', bff),
    `import {`,
    `  mockFetch,`,
    `  mockRoutes,`,
    `  mockStory,`,
    `  type Mocks,`,
    `  type PageLike,`,
    `  type ScenariosOf,`,
    `} from './${runtimeName}${importEnd}';`,
    `import type { ${[...new Set(types)].toSorted().join(', ')} } from './${bff}.gen${importEnd}';`,
    '',
    ...screens.flatMap((screen) => screenLines(screen, typesOf(screen.name))),
    `/** Every state of every screen. */`,
    `export const ${value}Mocks = {`,
    ...screens.map(({ name }) => `  ${propertyName(name)}: ${constant(name)},`),
    '} satisfies Mocks;',
    '',
    `export type ${client}Scenarios = ScenariosOf<typeof ${value}Mocks>;`,
    '',
    `/** A \`fetch\` for tests: \`create${client}({ baseUrl: '', fetch: ${value}Fetch({ ... }) })\`. */`,
    `export const ${value}Fetch = (scenarios: ${client}Scenarios = {}) => mockFetch(${value}Mocks, scenarios);`,
    '',
    `/** Routes the requests of a page of Playwright to mocks. */`,
    `export const ${value}Routes = (page: PageLike, scenarios: ${client}Scenarios = {}): Promise<void> =>`,
    `  mockRoutes(${value}Mocks, scenarios, page);`,
    '',
    `/** The part of a story of Storybook that has to do with the BFF. */`,
    `export const ${value}Story = (scenarios: ${client}Scenarios = {}) => mockStory(${value}Mocks, scenarios);`,
    '',
  ].join('\n');
}

/** The text of `<bff>.msw.gen.ts`. */
export function mswSource({ bff, client, importEnd }: MocksNames): string {
  const value = `${client.charAt(0).toLowerCase()}${client.slice(1)}`;
  return [
    generatedLine('frontage mocks', bff),
    `import { http, HttpResponse } from 'msw';`,
    `import { mockOf } from './${runtimeName}${importEnd}';`,
    `import { ${value}Mocks, type ${client}Scenarios } from './${bff}.mocks.gen${importEnd}';`,
    '',
    `/** The handlers of MSW 3 for this BFF, whatever its address is; other requests go on. */`,
    `export const ${value}Handlers = (scenarios: ${client}Scenarios = {}) => [`,
    `  http.all('*', ({ request }) => {`,
    `    const scenario = request.headers.get('x-frontage-scenario');`,
    `    const found = mockOf(${value}Mocks, scenarios, { method: request.method, url: request.url, scenario });`,
    `    if (found === undefined) return undefined;`,
    `    const { status, body, headers } = found;`,
    `    return new HttpResponse(body === '' ? null : body, { status, headers: { ...headers } });`,
    `  }),`,
    '];',
    '',
  ].join('\n');
}

/** The name of a function may be a word that cannot be a constant. */
const constant = (name: string): string => `${name}States`;

function screenLines(
  screen: MockedScreen,
  types: { readonly data: string; readonly missing: string | undefined },
): string[] {
  const { name, method, path, complete, parts, problems } = screen;
  const own = `${name}Complete`;
  const body = isObject(complete.body) ? complete.body : undefined;
  const partType = types.missing === undefined ? types.data : `${types.data} & { readonly _parts: ${types.missing} }`;
  return [
    `/** ${method} ${path.replaceAll('*/', '')}: complete. */`,
    `export const ${own}: ${types.data} = ${text(complete.body, 0)};`,
    '',
    `export const ${constant(name)} = {`,
    `  method: ${text(method, 0)},`,
    `  path: ${text(path, 0)},`,
    `  complete: { status: ${complete.status}, body: ${own} },`,
    '  parts: {',
    ...[...parts].map(([part, state]) => `    ${key(part)}: ${partText(state, { own, body, type: partType })},`),
    '  },',
    '  problems: {',
    ...[...problems].map(([scenario, state]) => `    ${key(scenario)}: ${text(state, 4)},`),
    '  },',
    '} as const;',
    '',
  ];
}

interface Complete {
  readonly own: string;
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly type: string;
}

/** A partial state, with the members that are not those of the complete one. */
function partText({ status, headers, body }: MockState, { own, body: complete, type }: Complete): string {
  const isNear =
    isObject(body) &&
    complete !== undefined &&
    keysOf(body).every((one, at) => at >= keysOf(complete).length || one === keysOf(complete)[at]);
  const different = isNear
    ? Object.entries(body).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(complete[name]))
    : [];
  const written = isNear
    ? `{ ...${own}, ${different.map(([name, value]) => `${key(name)}: ${text(value, 6)}`).join(', ')} }`
    : text(body, 6);
  return `{ status: ${status}, ${headers === undefined ? '' : `headers: ${text(headers, 6)}, `}body: ${written} satisfies ${headers === undefined ? type : 'unknown'} }`;
}

const keysOf = (value: object): readonly string[] => Object.keys(value);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON as TypeScript. A member of this name would set the prototype. */
function text(value: unknown, indent: number): string {
  const lines = JSON.stringify(value, null, 2).replaceAll('\n', `\n${' '.repeat(indent)}`);
  return showInvisible(lines.replaceAll(/"__proto__":/g, '["__proto__"]:'));
}

const key = (name: string): string => text(name, 0);
