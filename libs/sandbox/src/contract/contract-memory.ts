import type { ContractDocument, OperationDescription } from '@frontage/contracts';
import type { JsonSchema } from '@frontage/core';
import { isRecord, problem, type SandboxResponse } from '../model/behaviour.js';
import { choicesOf, flatten } from '../model/schema-view.js';
import type { ParameterGroups } from '../decoding/parameter-decoding.js';
import { collectionRoles, isKey, keyMember, rowsOf, type CollectionRole } from './collections.js';
import type { ContractChecks } from './contract-checks.js';

type Thing = Readonly<Record<string, unknown>>;

/** Bounds of the tables; the oldest entry is forgotten. */
const maxCollections = 200;
const maxThings = 500;

interface Collection {
  /** By key as a text; null: deleted. */
  readonly things: Map<string, Thing | null>;
  created: number;
}

interface Call {
  readonly operation: OperationDescription;
  readonly groups: Pick<ParameterGroups, 'path'>;
  /** The decoded body of the request. */
  readonly body: unknown;
}

/**
 * Makes the generated responses of one upstream agree with each other: a thing that a list names is found under its key, a created or
 * changed one too, a deleted one is not. Things that no response has named are still generated for every key.
 */
export class ContractMemory {
  readonly #checks: ContractChecks;
  readonly #roles: ReadonlyMap<string, CollectionRole>;
  readonly #collections = new Map<string, Collection>();

  constructor(contract: ContractDocument, checks: ContractChecks) {
    this.#checks = checks;
    this.#roles = collectionRoles(contract.operations);
  }

  /** Tells the creations of one target apart: empty for the first one. */
  seedOf({ operation, groups }: Omit<Call, 'body'>): string {
    const role = this.#roles.get(operation.id);
    if (operation.method !== 'POST' || role?.kind !== 'collection') return '';
    const { created } = this.#collection(role, groups);
    return created === 0 ? '' : ` ${created}`;
  }

  /** The response in agreement with those before it. */
  settled(call: Call, made: SandboxResponse): SandboxResponse {
    const role = this.#roles.get(call.operation.id);
    if (role === undefined || made.status >= 300 || Buffer.isBuffer(made.body)) return made;
    const collection = this.#collection(role, call.groups);
    const accepts = acceptsFor(call.operation, made.status, this.#checks);
    return role.kind === 'item'
      ? this.#item(call, made, role, collection, accepts)
      : list(call, made, role, collection, accepts);
  }

  #item(
    call: Call,
    made: SandboxResponse,
    { parameter }: CollectionRole,
    collection: Collection,
    accepts: Accepts,
  ): SandboxResponse {
    const { method } = call.operation;
    const asked = call.groups.path[parameter];
    if (!isKey(asked)) return made;
    const name = String(asked);
    const known = collection.things.get(name);
    if (known === null && method !== 'PUT')
      return problem(404, 'There is no such thing', { detail: `${name} was deleted` });
    if (method === 'DELETE') {
      if (known !== undefined && !this.#isExample(call.operation, parameter, asked)) remember(collection, name, null);
      return made;
    }
    const sent = (method === 'PUT' || method === 'PATCH') && isRecord(call.body) ? call.body : {};
    if (Object.keys(sent).length > 0) remember(collection, name, { ...known, ...sent });
    if (!isRecord(made.body)) return made;
    const key = keyMember(made.body, parameter);
    return { ...made, body: overlaid(made.body, { ...known, ...sent, ...named(made.body, key, asked) }, accepts) };
  }

  /** The examples of a contract stay: calls with them go on to work in any order. */
  #isExample({ parameters }: OperationDescription, parameter: string, value: unknown): boolean {
    const declared = parameters.find(({ in: place, name }) => place === 'path' && name === parameter);
    const whole = flatten(declared?.schema ?? true, this.#checks.resolve);
    const choices = (choicesOf(whole)?.schemas ?? []).map((choice) => flatten(choice, this.#checks.resolve));
    return [whole, ...choices].some(({ examples, enum: values }) =>
      [examples, values].some((list) => Array.isArray(list) && list.includes(value)),
    );
  }

  /** One per path with its parameters: `/shops/1/items` and `/shops/2/items` are two. */
  #collection({ collection, parameter }: CollectionRole, { path }: Pick<ParameterGroups, 'path'>): Collection {
    const { [parameter]: _, ...others } = path;
    const key = `${collection} ${JSON.stringify(others)}`;
    const known = this.#collections.get(key);
    if (known !== undefined) return known;
    forgetOldest(this.#collections, maxCollections);
    const begun: Collection = { things: new Map(), created: 0 };
    this.#collections.set(key, begun);
    return begun;
  }
}

/** The key that was asked for, in the type of the body; none where a number is wanted and the text is none. */
function named(body: Thing, key: string | undefined, asked: string | number): Thing {
  if (key === undefined) return {};
  if (typeof body[key] !== 'number') return { [key]: asked };
  const number = Number(asked);
  return Number.isFinite(number) ? { [key]: number } : {};
}

type Accepts = (body: unknown) => boolean;

function acceptsFor({ responses }: OperationDescription, status: number, checks: ContractChecks): Accepts {
  const declared =
    responses.find((response) => response.status === String(status)) ??
    responses.find(({ status: name }) => name.startsWith('2') || name === 'default');
  const schema: JsonSchema = declared?.media[0]?.schema ?? true;
  return (body) => checks.accepts(schema, body, 'response');
}

function list(
  call: Call,
  made: SandboxResponse,
  role: CollectionRole,
  collection: Collection,
  accepts: Accepts,
): SandboxResponse {
  if (call.operation.method === 'POST') return created(call, made, role, collection, accepts);
  const rows = call.operation.method === 'GET' ? rowsOf(made.body, role.parameter) : undefined;
  if (rows === undefined) return made;
  const keyOf = (row: Thing): string => String(row[keyMember(row, role.parameter) ?? '']);
  const listed = rows.things.filter((row) => collection.things.get(keyOf(row)) !== null);
  const listedKeys = new Set(listed.map(keyOf));
  const others = [...collection.things].flatMap(([key, thing]) =>
    thing === null || listedKeys.has(key) ? [] : [thing],
  );
  const known = listed.map((row) =>
    overlaid(row, collection.things.get(keyOf(row)) ?? {}, (next) => accepts(rows.with([next]))),
  );
  const bodies = [[...others, ...known], [...others, ...known].slice(0, rows.things.length), known].map((things) =>
    rows.with(things),
  );
  for (const row of listed) if (!collection.things.has(keyOf(row))) remember(collection, keyOf(row), row);
  const body = bodies.find(accepts);
  return body === undefined ? made : { ...made, body };
}

function created(
  { body }: Call,
  made: SandboxResponse,
  { parameter }: CollectionRole,
  collection: Collection,
  accepts: Accepts,
): SandboxResponse {
  if (!isRecord(made.body)) return made;
  const key = keyMember(made.body, parameter);
  if (key === undefined) return made;
  // A service gives the key itself, whatever the request says.
  const { [key]: _, ...sent } = isRecord(body) ? body : {};
  const thing = overlaid(made.body, sent, accepts);
  collection.created += 1;
  remember(collection, String(thing[key]), { ...sent, ...thing });
  return { ...made, body: thing };
}

/** A thing with the members of another one, as far as its schema accepts them; members that it does not have are left out. */
function overlaid(thing: Thing, others: Thing, accepts: Accepts): Thing {
  const whole = {
    ...thing,
    ...Object.fromEntries(Object.entries(others).filter(([name]) => Object.hasOwn(thing, name))),
  };
  if (accepts(whole)) return whole;
  let made = thing;
  for (const [name, value] of Object.entries(others)) {
    const next = { ...made, [name]: value };
    if (Object.hasOwn(thing, name) && accepts(next)) made = next;
  }
  return made;
}

function remember({ things }: Collection, key: string, thing: Thing | null): void {
  if (!things.has(key)) forgetOldest(things, maxThings);
  things.set(key, thing);
}

function forgetOldest(table: Map<string, unknown>, most: number): void {
  const [oldest] = table.keys();
  if (table.size >= most && oldest !== undefined) table.delete(oldest);
}
