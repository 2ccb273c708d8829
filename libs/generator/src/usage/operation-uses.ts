import type { AppDescription, PartDescription, ScreenDescription } from '../plan/app-description.js';

/** The caller of an operation. */
export interface Caller {
  readonly bff: string;
  /** `GET /home` */
  readonly screen: string;
  /** The team that answers for the BFF; absent where nobody does. */
  readonly owner?: string;
}

/** A call of a screen, with the fields that it reads and sends. */
export interface UpstreamUse {
  readonly user: Caller;
  readonly part: string;
  /** `src/home/home.screen.ts:18:3` */
  readonly source: string;
  readonly upstream: string;
  readonly operation: string;
  readonly reads: readonly string[];
  readonly parameters: readonly string[];
  readonly body: readonly string[];
  readonly statuses: readonly string[];
  /** By field of the response: the members of the screen's response that are made of it. */
  readonly members: ReadonlyMap<string, readonly string[]>;
  /** Fields that only calls per item or per key take: an item without a value is skipped. */
  readonly skippable: ReadonlySet<string>;
}

/** Every call that the screens of an app may make: of parts, of their fallbacks, and those that take a write back. */
export function usesOf(app: AppDescription, owner: string | undefined): readonly UpstreamUse[] {
  return app.endpoints.flatMap(({ method, path, screen }) => {
    if (screen === undefined) return [];
    const user: Caller = { bff: app.bff, screen: `${method} ${path}`, ...(owner !== undefined && { owner }) };
    return Object.entries(screen.parts).flatMap(([name, part]) =>
      usesOfPart(name, part, screen).map((use) => ({ ...use, user, source: screen.source })),
    );
  });
}

type PartUse = Omit<UpstreamUse, 'user' | 'source'>;

function usesOfPart(name: string, part: PartDescription, screen: ScreenDescription): readonly PartUse[] {
  const { upstream, operation, fallbacks = [], undo } = part;
  if (upstream === undefined || operation === undefined) return [];
  const { kept = [], computed = [] } = screen.fields[name] ?? {};
  const reads = [...new Set([...kept, ...computed, ...(screen.planReads?.[name] ?? [])])];
  const members = membersByField(name, screen);
  const statuses = [...Object.keys(part.refuses ?? {}), ...(part.onStatus ?? [])];
  const skippable = skippableFields(name, screen, new Set([...kept, ...computed]));
  const none = { part: name, statuses: [], members: new Map<string, readonly string[]>(), skippable };
  return [
    { part: name, upstream, operation, reads, statuses, members, skippable, ...sentBy(part.args) },
    // The view reads a fallback as it reads the part.
    ...fallbacks.flatMap((one): PartUse[] =>
      one.kind === 'operation'
        ? [{ ...none, members, reads, upstream: one.upstream, operation: one.operation, ...sentBy(one.args) }]
        : [],
    ),
    ...(undo === undefined
      ? []
      : [{ ...none, reads: [], upstream: undo.upstream, operation: undo.operation, ...sentBy(undo.args) }]),
  ];
}

function membersByField(part: string, { origins = [] }: ScreenDescription): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { member, from } of origins)
    for (const one of from) if (one.part === part) found.set(one.field, [...(found.get(one.field) ?? []), member]);
  return found;
}

function skippableFields(part: string, screen: ScreenDescription, shown: ReadonlySet<string>): ReadonlySet<string> {
  const fields = (screen.planReads?.[part] ?? []).filter((field) => !shown.has(field));
  const readers = (field: string): readonly PartDescription[] =>
    Object.values(screen.parts).filter(({ reads }) => reads.includes(`${part}.${field}`));
  return new Set(
    fields.filter(
      (field) => readers(field).length > 0 && readers(field).every(({ kind }) => kind === 'each' || kind === 'batch'),
    ),
  );
}

const places: ReadonlySet<string> = new Set(['path', 'query', 'header', 'cookie']);

/** The parameters and the members of the body that arguments name. */
function sentBy(args: unknown): Pick<UpstreamUse, 'parameters' | 'body'> {
  if (!isRecord(args)) return { parameters: [], body: [] };
  const parameters = Object.entries(args).flatMap(([place, group]) =>
    places.has(place) && isRecord(group)
      ? '$ref' in group
        ? [`${place} *`]
        : Object.keys(group).map((name) => `${place} ${name}`)
      : [],
  );
  return { parameters, body: 'body' in args ? bodyFields(args['body'], '') : [] };
}

function bodyFields(value: unknown, path: string): readonly string[] {
  const whole = [path === '' ? '(whole)' : path];
  if (Array.isArray(value)) return value.length === 0 ? whole : value.flatMap((item) => bodyFields(item, `${path}[]`));
  if (!isRecord(value) || '$ref' in value || '$key' in value || Object.keys(value).length === 0) return whole;
  return Object.entries(value).flatMap(([name, inner]) => bodyFields(inner, path === '' ? name : `${path}.${name}`));
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);
