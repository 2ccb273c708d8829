import { quote } from '../codegen/source-text.js';
import { generatedLine } from '../workspace/generated-folder.js';
import { runtimeName } from './runtime-source.js';
import { needsInput, optionsType, type NamedOperation, type SdkSource } from './sdk-source.js';

const isRead = ({ operation: { description } }: NamedOperation): boolean =>
  ['GET', 'HEAD', 'QUERY'].includes(description.method);

/** The text of `<bff>.hooks.gen.ts`: the operations for TanStack Query, with the hooks of React. */
export function hooksSource(bff: string, { client, operations }: SdkSource, importEnd: string): string {
  const reads = operations.filter(isRead);
  const writes = operations.filter((one) => !isRead(one));
  const error = `${client}Error`;
  const body = [
    ...errorLines(client, error),
    ...reads.flatMap((one) => readLines(bff, client, error, one)),
    ...writes.flatMap((one) => writeLines(client, error, one)),
  ];
  const text = body.join('\n');
  const query = [
    ...(reads.length > 0 ? ['queryOptions', 'useQuery', 'type UseQueryOptions'] : []),
    ...(writes.length > 0 ? ['useMutation', 'type UseMutationOptions'] : []),
  ];
  const types = operations.flatMap(({ names }) => [
    names.problem,
    names.result,
    ...(names.input === undefined ? [] : [names.input]),
  ]);
  const runtime = ['AnyResult', 'CallOptions', 'FailedResult', 'ProblemResult'].filter((name) => text.includes(name));
  return [
    generatedLine('frontage sdk', bff),
    `import { ${query.join(', ')} } from '@tanstack/react-query';`,
    `import type { ${runtime.join(', ')} } from './${runtimeName}${importEnd}';`,
    `import type { ${[client, ...types].toSorted().join(', ')} } from './${bff}.gen${importEnd}';`,
    '',
    text,
  ].join('\n');
}

const errorLines = (client: string, error: string): string[] => [
  '/** The result of a query is complete or partial; everything else is its error. */',
  `export class ${error}<Problem> extends Error {`,
  '  readonly result: ProblemResult<Problem> | FailedResult;',
  '',
  '  constructor(result: ProblemResult<Problem> | FailedResult) {',
  `    super(result.kind === 'problem' ? \`status \${result.status}\` : result.reason);`,
  `    this.name = '${error}';`,
  '    this.result = result;',
  '  }',
  '}',
  '',
  `export type Shown<R> = Extract<R, { readonly kind: 'complete' | 'partial' }>;`,
  '',
  'function shown<R extends AnyResult>(result: R): Shown<R> {',
  `  if (result.kind === 'problem' || result.kind === 'failed') throw new ${error}(result);`,
  '  return result as Shown<R>;',
  '}',
  '',
  '/** Again after a lost connection or a passing fault, up to twice; after the time that the BFF says, else after 1 s and 2 s. */',
  'const retries = {',
  `  retry: (count: number, { result }: ${error}<unknown>): boolean =>`,
  '    count < 2 &&',
  `    (result.kind === 'failed' ? result.reason === 'network' : [429, 502, 503, 504].includes(result.status)),`,
  `  retryDelay: (count: number, { result }: ${error}<unknown>): number =>`,
  `    (result.kind === 'problem' ? result.retryAfterMs : undefined) ?? 1000 * 2 ** count,`,
  '};',
  '',
];

function readLines(bff: string, client: string, error: string, { operation, names }: NamedOperation): string[] {
  const { name, typeName } = operation;
  const [shown, failed] = [`Shown<${names.result}>`, `${error}<${names.problem}>`];
  const hasInput = names.input !== undefined;
  const given = hasInput
    ? `, input${needsInput(operation) ? '' : ` = {}`}: ${names.input}`.replace(/ = \{\}(: \w+)/, '$1 = {}')
    : '';
  // The hooks repeat a request themselves, so that a page can show that they do.
  const call = `client.${name}(${hasInput ? 'input, ' : ''}{ signal, attempts: 1 })`;
  return [
    `export const ${name}Query = (client: ${client}${given}) =>`,
    `  queryOptions<${shown}, ${failed}>({`,
    `    queryKey: [${quote(bff)}, ${quote(name)}${hasInput ? ', input' : ''}],`,
    `    queryFn: async ({ signal }) => shown(await ${call}),`,
    '    ...retries,',
    '  });',
    '',
    `export const use${typeName} = (`,
    `  client: ${client},`,
    ...(hasInput ? [`  input: ${names.input}${needsInput(operation) ? '' : ' = {}'},`] : []),
    `  options: Omit<UseQueryOptions<${shown}, ${failed}>, 'queryKey' | 'queryFn'> = {},`,
    `) => useQuery({ ...${name}Query(client${hasInput ? ', input' : ''}), ...options });`,
    '',
  ];
}

function writeLines(client: string, error: string, { operation, names }: NamedOperation): string[] {
  const { name, typeName, key } = operation;
  const [shown, failed] = [`Shown<${names.result}>`, `${error}<${names.problem}>`];
  const options = `options${key === 'required' ? '' : '?'}: ${optionsType(operation)}`;
  const input = names.input === undefined ? '' : `readonly input${needsInput(operation) ? '' : '?'}: ${names.input}; `;
  const variables = `{ ${input}readonly ${options} }`;
  const passed = names.input === undefined ? 'options' : 'input, options';
  return [
    `export const use${typeName} = (`,
    `  client: ${client},`,
    `  options: Omit<UseMutationOptions<${shown}, ${failed}, ${variables}>, 'mutationFn'> = {},`,
    ') =>',
    `  useMutation<${shown}, ${failed}, ${variables}>({`,
    `    mutationFn: async ({ ${passed} }) => shown(await client.${name}(${passed})),`,
    '    ...options,',
    '  });',
    '',
  ];
}
