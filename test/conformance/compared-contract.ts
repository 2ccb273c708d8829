import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SchemaTable, type Contract } from '@frontage/clients';
import { operationInfo, readContract, type ContractDocument, type OperationDescription } from '@frontage/contracts';
import { mediaKind } from '@frontage/core';
import { runProgram } from '@frontage/generator';
import { DerivedSchema } from './derived-schema.js';
import { GeneratedTypes, type ResponseTypes } from './generated-types.js';
import { isRawObject, RawDocument, type RawNode } from './raw-document.js';
import { declaredMembers, pathOf, type DeclaredMember, type Step } from './raw-members.js';
import { RawSchemas } from './raw-schemas.js';
import { undeclared, valueFor, type DeclaredValue } from './raw-values.js';
import { engines, WholeScreen } from './whole-screen.js';

export interface Comparison {
  readonly operations: number;
  readonly generated: number;
  readonly refused: number;
  readonly warned: number;
  /** Members of success responses that were held against the types, the schema and the response of a screen. */
  members: number;
  /** Members that are missing somewhere without a warning that names them. */
  readonly lost: string[];
  /** Members that are missing, and a warning says so. */
  told: number;
  /** Responses that a screen read from their bytes. */
  projected: number;
}

/** Most values of one response that are sent through a screen: each has other choices. */
const maxTurns = 12;

/**
 * Holds each member that a document declares in a success response, by a plain reading of the document of its own, against the generated
 * type, the schema of a screen that sends the whole response, and that screen's response to a value with all members.
 * @param everyNth of the operations each so-manieth is compared
 */
export async function compareContract(file: string, everyNth = 1): Promise<Comparison> {
  const document = await readContract(file, { lint: false });
  const contract: Contract = {
    upstream: 'tried',
    title: document.title,
    version: document.version,
    schemas: new SchemaTable([...document.schemas].map(([name, schema]) => [name, JSON.stringify(schema)])),
  };
  const raw = new RawDocument(file);
  const schemas = new RawSchemas(raw);
  const comparison: Comparison = {
    operations: document.operations.length + document.refused.length,
    generated: document.operations.length,
    refused: document.refused.length,
    warned: document.warnings.length,
    members: 0,
    lost: [],
    told: 0,
    projected: 0,
  };
  // The command has refused the document, and said why.
  if (comparison.generated === 0) return comparison;
  const types = new GeneratedTypes(await generated(file));
  const played = new Set<unknown>();
  for (const operation of document.operations.filter((_, index) => index % everyNth === 0)) {
    const schema = successSchema(operation, raw);
    if (schema === undefined) continue;
    const { members, choices } = declaredMembers(schema, schemas);
    comparison.members += members.length;
    const missing = new Map<string, string>();
    const miss = (steps: readonly Step[], where: string): void => {
      const path = pathOf(steps);
      missing.set(path, [missing.get(path), where].filter(Boolean).join('; '));
    };
    compareTypes(members, types.of(operation.id), miss);
    const whole = new WholeScreen({ ...operationInfo(operation), contract });
    const derived = whole.schema();
    if (derived === undefined) miss([], 'a screen of it has no schema');
    else compareSchema(members, derived, miss);
    // Responses of one schema are compared once with all choices; a screen knows nothing of the operation but that.
    const turns = isPlayed(schema, raw, played) ? 1 : Math.min(choices, maxTurns);
    for (let turn = 0; turn < turns; turn += 1) {
      const { value, isWhole, undeclaredTags } = valueFor(schema, schemas, turn);
      for (const engine of engines) {
        const made = await whole.respond(value, engine);
        const sent: unknown = 'body' in made && made.kind === 'complete' ? JSON.parse(made.body) : undefined;
        if (isRawObject(sent)) compareValues({ value, undeclaredTags }, sent['it'], [], miss);
        else if (isWhole)
          miss(
            [],
            `the screen responds with ${JSON.stringify('failure' in made ? made.failure : made).slice(0, 300)} to ${engine} ${JSON.stringify(value).slice(0, 300)}`,
          );
      }
    }
    comparison.projected += whole.projected;
    for (const [path, where] of missing) {
      if (isTold(path, operation, document)) comparison.told += 1;
      else comparison.lost.push(`${operation.id} ${path}: ${where}`);
    }
  }
  return comparison;
}

/** The text of the client that the command generates. */
async function generated(file: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'compared-'));
  try {
    mkdirSync(join(folder, 'libs/upstreams'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{}');
    let said = '';
    const write = (text: string): void => void (said += text);
    const code = await runProgram(['upstream', 'add', 'tried', file], { cwd: folder, write, writeError: write });
    if (code !== 0) throw new Error(said);
    return readFileSync(join(folder, 'libs/upstreams/tried/tried.gen.ts'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The schema of the JSON that an operation responds with, as the document has it; undefined where there is none. */
function successSchema(operation: OperationDescription, raw: RawDocument): RawNode | undefined {
  if (operation.method === 'HEAD') return undefined;
  const [described] = operation.responses
    .filter(({ status }) => status.startsWith('2'))
    .concat(operation.responses.filter(({ status }) => status === 'default'));
  const [media] = described?.media ?? [];
  if (described === undefined || media === undefined || mediaKind(media.media) !== 'json') return undefined;
  const item = raw.member(raw.root, 'paths', operation.path);
  const own = raw.member(item, operation.method.toLowerCase(), 'responses');
  const status = raw.entries(own).find(([name]) => name.toUpperCase() === described.status.toUpperCase());
  const response = status && raw.follow(status[1]);
  const contents = raw.entries(raw.member(response, 'content'));
  // A range, and a type that cannot hold such a value, are read as JSON.
  const content = contents.find(([name]) => name.trim() === media.media) ?? contents[0];
  const holder = (content && raw.follow(content[1])) ?? response;
  return raw.entries(holder).find(([name]) => name === 'schema')?.[1];
}

/** True if a response with the same schema has been compared. */
function isPlayed(schema: RawNode, raw: RawDocument, played: Set<unknown>): boolean {
  const found = raw.follow(schema)?.value;
  const isKnown = played.has(found);
  played.add(found);
  return isKnown;
}

type Miss = (steps: readonly Step[], where: string) => void;

function compareTypes(members: readonly DeclaredMember[], response: ResponseTypes, miss: Miss): void {
  const named = new Set(
    members.filter(({ steps }) => steps.at(-1)?.startsWith('.')).map(({ steps }) => steps.slice(0, -1).join('\n')),
  );
  for (const { steps, types, isOpen } of members) {
    // Beside members with names, a type has no index signature: it would let every misspelled name compile.
    const unnamed = steps.indexOf('{}');
    if (unnamed >= 0 && named.has(steps.slice(0, unnamed).join('\n'))) continue;
    const found = response.at(steps);
    if (found.length === 0) miss(steps, 'not in the type');
    const kinds = new Set(found.map((type) => GeneratedTypes.kindOf(type)));
    if (kinds.has('unknown') || found.length === 0) {
      if (found.length > 0 && types.size > 0 && !isOpen)
        miss(steps, `unknown in the type, ${[...types].join(' | ')} in the document`);
      continue;
    }
    for (const type of types) if (!kinds.has(type)) miss(steps, `no ${type} in the type`);
  }
}

function compareSchema(members: readonly DeclaredMember[], derived: DerivedSchema, miss: Miss): void {
  for (const { steps, types } of members) {
    const found = derived.at(steps);
    if (found.length === 0) miss(steps, 'not in the schema of the screen');
    const derivedTypes = DerivedSchema.typesOf(found);
    for (const type of types)
      if (found.length > 0 && !derivedTypes.has(type)) miss(steps, `no ${type} in the schema of the screen`);
  }
}

function compareValues(
  { value: given, undeclaredTags }: Pick<DeclaredValue, 'value' | 'undeclaredTags'>,
  sent: unknown,
  steps: readonly Step[],
  miss: Miss,
): void {
  const inside = (value: unknown, other: unknown, step: Step): void =>
    compareValues({ value, undeclaredTags }, other, [...steps, step], miss);
  if (Array.isArray(given)) {
    const items: readonly unknown[] = Array.isArray(sent) ? sent : [];
    given.forEach((item: unknown, index) => inside(item, items[index], '[]'));
  } else if (isRawObject(given)) {
    for (const [name, member] of Object.entries(given)) {
      if (undeclaredTags.get(given) === name) continue;
      inside(member, isRawObject(sent) && Object.hasOwn(sent, name) ? sent[name] : undefined, `.${name}`);
    }
  }
  if (sent === undefined && given !== undefined && given !== undeclared) miss(steps, 'not in the response of a screen');
}

/** True if a warning of the contract names the member, or stands at the operation. A document may be one line. */
function isTold(path: string, operation: OperationDescription, { warnings }: ContractDocument): boolean {
  const name = path.split(/\[\]|\{\}|\./).findLast((part) => part !== '');
  const { file, line, column } = operation.location;
  return warnings.some(
    (warning) =>
      warning.message.split(/[^\w$-]+/).includes(name ?? '') ||
      (warning.file === file && warning.line === line && warning.column === column),
  );
}
