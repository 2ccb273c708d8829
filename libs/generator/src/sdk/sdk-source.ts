import { toTypeName, type ContractDocument } from '@frontage/contracts';
import { ExportNames } from '../codegen/identifiers.js';
import type { TypePiece } from '../codegen/operation-types.js';
import { commentText, literal, propertyName, quote } from '../codegen/source-text.js';
import type { EmittedTypes, TypeEmitter } from '../codegen/type-emitter.js';
import { bytesKey, integer64Key, TypeSchemas } from '../codegen/type-schemas.js';
import { generatedLine } from '../workspace/generated-folder.js';
import { styleOf } from './parameter-styles.js';
import { runtimeName } from './runtime-source.js';
import { sdkOperations, type LeftOut, type SdkOperation } from './sdk-operations.js';

/** The client of a BFF as text, and the names that its hooks need. */
export interface SdkSource {
  readonly text: string;
  /** The name of the interface: `Mobile`. */
  readonly client: string;
  readonly operations: readonly NamedOperation[];
  readonly leftOut: readonly LeftOut[];
}

export interface NamedOperation {
  readonly operation: SdkOperation;
  readonly names: TypeNames;
}

/** The names of the types of an operation. */
export interface TypeNames {
  readonly data: string;
  readonly missing: string | undefined;
  readonly problem: string;
  readonly result: string;
  readonly input: string | undefined;
}

/** Types of the runtime that the text imports. */
const imported = [
  'CallOptions',
  'ClientOptions',
  'FilePart',
  'ItemsReport',
  'Operation',
  'PartReport',
  'Result',
] as const;
const own = ['sender', 'operations', 'components', 'Blob', 'FormData', 'WithRequired'] as const;

export interface SdkInput {
  /** The name of the app. */
  readonly bff: string;
  readonly contract: ContractDocument;
  /** The end of the names of imported modules: `.js`, `.ts` or nothing. */
  readonly importEnd: string;
}

export async function sdkSource({ bff, contract, importEnd }: SdkInput, emitter: TypeEmitter): Promise<SdkSource> {
  const types = new TypeSchemas(contract.components);
  const { operations, leftOut } = sdkOperations(bff, contract, types);

  const names = new ExportNames([...imported, ...own]);
  const client = names.claim(toTypeName(bff).replace(/^./, (first) => first.toUpperCase())).local;
  const named = operations.map((operation) => ({ operation, names: typeNames(operation, names) }));
  const aliases = new Map<string, string>();
  for (const [key, { name, direction, isShared }] of types.components)
    aliases.set(key, names.claim(`${typeNameOf(name)}${direction === 'write' && !isShared ? 'Input' : ''}`).local);
  const emitted = await emitter.emit(types.schemas(), (key) =>
    key === integer64Key ? 'number' : key === bytesKey ? 'FilePart' : (aliases.get(key) ?? 'unknown'),
  );
  const problems = new ProblemTypes(emitted, names);
  for (const each of operations) problems.count(each);

  const lines = [
    ...named.flatMap((one) => operationTypes(one, emitted, problems)),
    ...problems.declarations(),
    ...[...aliases].flatMap(([key, name]) => [`export type ${name} = ${emitted.types.get(key) ?? 'unknown'};`, '']),
    ...emitted.declarations.flatMap((declaration) => [declaration, '']),
    ...clientLines(bff, client, named),
    'const operations = {',
    ...operations.map((operation) => `  ${propertyName(operation.name)}: ${literal(requestOf(operation))},`),
    '} satisfies Record<string, Operation>;',
    '',
  ];
  const body = lines.join('\n');
  const used = imported.filter((name) => new RegExp(`\\b${name}\\b`).test(body));
  const head = [
    generatedLine('frontage sdk', bff),
    `import { sender, ${used.map((name) => `type ${name}`).join(', ')} } from './${runtimeName}${importEnd}';`,
    '',
  ];
  return { text: head.concat(body).join('\n'), client, operations: named, leftOut };
}

/** `orders.Money` is `OrdersMoney`. */
const typeNameOf = (component: string): string => toTypeName(component).replace(/^./, (first) => first.toUpperCase());

function typeNames(operation: SdkOperation, names: ExportNames): TypeNames {
  const { typeName, groups, body, missing } = operation;
  const claim = (end: string): string => names.claim(`${typeName}${end}`).local;
  return {
    data: claim('Data'),
    missing: missing === undefined ? undefined : claim('Missing'),
    problem: claim('Problem'),
    result: claim('Result'),
    input: groups.length === 0 && body === undefined ? undefined : claim('Input'),
  };
}

const textOf = (piece: TypePiece, { types }: EmittedTypes): string =>
  'text' in piece ? piece.text : (types.get(piece.key) ?? 'unknown');

const union = (texts: readonly string[]): string => {
  const distinct = [...new Set(texts)];
  return distinct.includes('unknown') ? 'unknown' : distinct.length === 0 ? 'never' : distinct.join(' | ');
};

/** The types of problems: one that several operations have gets a name. */
class ProblemTypes {
  readonly #uses = new Map<string, { status: string; count: number; name?: string }>();

  constructor(
    private readonly emitted: EmittedTypes,
    private readonly names: ExportNames,
  ) {}

  count({ problems }: SdkOperation): void {
    for (const { status, piece } of problems) {
      const text = textOf(piece, this.emitted);
      const use = this.#uses.get(text) ?? { status, count: 0 };
      use.count += 1;
      if (use.count === 2) use.name = this.names.claim(`Problem${status}`).local;
      this.#uses.set(text, use);
    }
  }

  textOf({ problems }: SdkOperation): string {
    const texts = problems.map(({ piece }) => textOf(piece, this.emitted));
    return texts.length === 0
      ? 'never'
      : texts.map((text) => `\n  | ${(this.#uses.get(text)?.name ?? text).replaceAll('\n', '\n    ')}`).join('');
  }

  declarations(): string[] {
    return [...this.#uses].flatMap(([text, { name }]) =>
      name === undefined ? [] : [`export type ${name} = ${text};`, ''],
    );
  }
}

function operationTypes({ operation, names }: NamedOperation, emitted: EmittedTypes, problems: ProblemTypes): string[] {
  const { groups, body, data, missing } = operation;
  const members = [
    ...groups.map((one) => [one.name, one.isRequired, one.piece] as const),
    ...(body === undefined ? [] : [['body', body.isRequired, body.piece] as const]),
  ];
  const inputLines = members.map(
    ([name, isRequired, piece]) =>
      `  ${name}${isRequired ? '' : '?'}: ${textOf(piece, emitted).replaceAll('\n', '\n  ')};`,
  );
  const missingText =
    missing === 'header' ? 'Record<string, PartReport | ItemsReport>' : missing && textOf(missing, emitted);
  return [
    ...(names.input === undefined ? [] : [`export interface ${names.input} {`, ...inputLines, '}', '']),
    `export type ${names.data} = ${union(data.map((piece) => textOf(piece, emitted)))};`,
    '',
    ...(names.missing === undefined ? [] : [`export type ${names.missing} = ${String(missingText)};`, '']),
    `export type ${names.problem} =${problems.textOf(operation).replace(/^(?!\n)/, ' ')};`,
    '',
    `export type ${names.result} = Result<${typeArguments(names)}>;`,
    '',
  ];
}

const typeArguments = ({ data, missing = 'never', problem }: TypeNames): string => `${data}, ${missing}, ${problem}`;

/** True if a call must have an input. */
export const needsInput = ({ groups, body }: SdkOperation): boolean =>
  groups.some((one) => one.isRequired) || body?.isRequired === true;

export const optionsType = ({ key }: SdkOperation): string =>
  key === 'required' ? 'CallOptions & { readonly idempotencyKey: string }' : 'CallOptions';

function clientLines(bff: string, client: string, named: readonly NamedOperation[]): string[] {
  const signatures = named.flatMap(({ operation, names }) => {
    const { name, description, key } = operation;
    const { method, path, summary, deprecated } = description;
    const text = commentText(`${method} ${path}${summary === undefined ? '' : `: ${summary}`}`);
    const input = names.input === undefined ? '' : `input${needsInput(operation) ? '' : '?'}: ${names.input}, `;
    return [
      `  /** ${text}${deprecated === true ? ' @deprecated' : ''} */`,
      `  ${propertyName(name)}(${input}options${key === 'required' ? '' : '?'}: ${optionsType(operation)}): Promise<${names.result}>;`,
    ];
  });
  const functions = named.map(({ operation, names }) => {
    const { name } = operation;
    const place = `operations${/^[\w$]+$/.test(name) ? `.${name}` : `[${quote(name)}]`}`;
    const given =
      names.input === undefined ? 'options' : needsInput(operation) ? 'input, options' : 'input = {}, options';
    const passed = names.input === undefined ? '{}' : 'input';
    return `    ${propertyName(name)}: (${given}) => send<${typeArguments(names)}>(${place}, ${passed}, options),`;
  });
  return [
    `/** The operations of the BFF ${commentText(bff)}. */`,
    `export interface ${client} {`,
    ...signatures,
    '}',
    '',
    `export function create${client}(options: ClientOptions): ${client} {`,
    '  const send = sender(options);',
    '  return {',
    ...functions,
    '  };',
    '}',
    '',
  ];
}

/** The facts about an operation that the runtime needs. */
function requestOf({
  description: { method, path, parameters },
  body,
  takesText,
  deltas,
  problems,
}: SdkOperation): object {
  const styles = parameters.flatMap((one) => {
    const style = one.in === 'query' ? styleOf(one) : undefined;
    return style === undefined || style === 'plain' ? [] : [[one.name, style] as const];
  });
  return {
    method,
    path,
    codes: [...new Set(problems.flatMap(({ codes }) => codes))].join(' '),
    ...(styles.length > 0 && { styles: Object.fromEntries(styles) }),
    ...(body !== undefined && body.kind !== 'json' && { body: body.kind }),
    ...(body !== undefined &&
      ['json', 'raw'].includes(body.kind) &&
      body.media !== 'application/json' && { media: body.media }),
    ...(takesText && { takesText }),
    ...(deltas && { deltas }),
  };
}
