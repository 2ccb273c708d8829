import { quote } from '../../codegen/source-text.js';
import type { UpstreamClient } from '../client/upstream-clients.js';
import { key } from '../planner/member-text.js';
import { camel } from '../planner/names.js';
import type { Group, InputPiece, PlannedInput, PlannedPart, PlannedScreen } from '../planner/planned-screen.js';
import { ViewText } from './view-text.js';

/** True if a plan reads the caller of the request. */
export const readsCaller = ({ parts }: PlannedScreen): boolean =>
  parts.some(({ args }) => args.some(({ source }) => source?.startsWith('caller.') === true));

/** `<screen>.screen.ts`: the plan and the view. */
export function screenText(screen: PlannedScreen): string {
  const { app, name, parts, inputs, method } = screen;
  const word = camel(name);
  const view = new ViewText();
  const viewText = view.of(parts);
  const hasCaller = readsCaller(screen);
  const inputTexts = [
    ...(hasCaller ? ['caller: given<Caller>()'] : []),
    ...inputs.map((input) => `${input.group}: ${inputText(input)}`),
  ];
  const words = new Set(['plan', 'screen', ...parts.map(({ verb }) => verb), ...view.words]);
  if (hasCaller) words.add('given');
  if (inputs.length > 0) words.add('inputOf');
  const clients = [...new Map(parts.map(({ operation: { client } }) => [client.alias, client])).values()];
  const groups = [...(hasCaller ? ['caller'] : []), ...inputs.map(({ group }) => group)];
  const shown = parts.filter(({ shape }) => shape.kind !== 'nothing').map((part) => part.name);
  return `import { ${[...words].toSorted().join(', ')} } from '@frontage/aggregation';
${hasCaller ? "import type { Caller } from '@frontage/auth';\n" : ''}${clients.toSorted(bySpecifier).map(importText).join('')}
const ${word}Plan = plan(${quote(`${app}.${name}`)}, { ${inputTexts.length === 0 ? '' : `input: { ${inputTexts.join(', ')} }, `}deadlineMs: ${takesFiles(screen) ? digits(uploadMs.deadline) : method === 'GET' ? 1000 : 3000} }, (${groups.length === 0 ? '' : `{ ${groups.join(', ')} }`}) => {
${parts.map(partText).join('')}  return { ${parts.map((part) => part.name).join(', ')} };
});

/** Every member that the contracts declare: delete those that the screen does not need. */
export const ${word}Screen = screen(${word}Plan, (${shown.length === 0 ? '' : `{ ${shown.join(', ')} }`}) => (${viewText}));
`;
}

const bySpecifier = (one: UpstreamClient, other: UpstreamClient): number => (one.specifier < other.specifier ? -1 : 1);
const importText = ({ alias, specifier }: UpstreamClient): string => `import * as ${alias} from ${quote(specifier)};\n`;

/** A large upload takes time: it is the slow way of a client that a form waits for. */
const uploadMs = { deadline: 60_000, call: 55_000 };
const digits = (ms: number): string => String(ms).replace(/(?=(?:\d{3})+$)\B/g, '_');
const isUpload = ({ body, operation }: PlannedPart): boolean => body?.isWired === true && operation.files().length > 0;
const takesFiles = ({ parts }: PlannedScreen): boolean => parts.some(isUpload);

function inputText({ pieces }: PlannedInput): string {
  const [firstOne = '', ...others] = pieces.map(pieceText);
  return firstOne + others.map((other) => `.and(${other})`).join('');
}

function pieceText({ operation, from, names }: InputPiece): string {
  const input = `inputOf(${operation.client.alias}.${operation.name})`;
  if (from === 'body') return input;
  const declared = (operation.info.parameters ?? []).filter((one) => one.in === from);
  const isWhole = declared.length === names.length;
  return `${input}.${from}${isWhole ? '' : `.pick(${names.map(quote).join(', ')})`}`;
}

function partText(part: PlannedPart): string {
  const { name, verb, operation } = part;
  const args = argumentsText(part);
  const options = isUpload(part) ? `, { timeoutMs: ${digits(uploadMs.call)} }` : '';
  return `  const ${name} = ${verb}(${operation.client.alias}.${operation.name}${args === undefined ? '' : `, ${args}`}${options});\n`;
}

function argumentsText({ args, body }: PlannedPart): string | undefined {
  const groups = (['path', 'query', 'header', 'cookie'] as const).flatMap((group) => groupText(group, args));
  const bodyTexts =
    body === undefined
      ? []
      : [
          ...(body.contentType === undefined ? [] : [`contentType: ${quote(body.contentType)},`]),
          `${noteText(body.note)}${body.isWired ? 'body,' : ''}`,
        ];
  const texts = [...groups, ...bodyTexts];
  return texts.length === 0 ? undefined : `{ ${texts.join(' ')} }`;
}

function groupText(group: Group, args: PlannedPart['args']): string[] {
  const own = args.filter((one) => one.group === group);
  if (own.length === 0) return [];
  const members = own.map(({ name, source, note }) => {
    const value = source === undefined ? '' : source === name ? `${key(name)},` : `${key(name)}: ${source},`;
    return `${noteText(note)}${value}`;
  });
  return [`${group}: { ${members.join(' ')} },`];
}

const noteText = (note: string | undefined): string => (note === undefined ? '' : `\n// ${note}\n`);
