import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Json = Readonly<Record<string, unknown>>;

/** The committed document of an app, beside its `bff.yaml`. */
const committedName = 'openapi.gen.json';

/**
 * The examples of responses in the committed document of an app, which `frontage accept` requests from the sandbox. An example is shown while the
 * schema of its response is the committed one, so it never contradicts the document that shows it.
 */
export class ResponseExamples {
  readonly #committed: Json;

  /** @param policyFile path of `bff.yaml`. An app without a committed document, or with one that is no JSON, has no examples. */
  constructor(policyFile: string) {
    this.#committed = readJson(join(dirname(policyFile), committedName));
  }

  /**
   * `example` or `examples` of a response; empty where the app has none.
   * @param path with its parameters in braces: `/orders/{id}`
   * @param components the schemas that `schema` refers to
   */
  of(
    place: { readonly path: string; readonly method: string; readonly status: number },
    schema: unknown,
    components: Json,
  ): Json {
    const { path, method, status } = place;
    const steps = ['paths', path, method, 'responses', String(status), 'content', 'application/json'];
    const media = this.#at(steps);
    if (!isObject(media)) return {};
    const { schema: committed, example, examples } = media;
    const isSame = schemaText(schema, components) === schemaText(committed, this.#at(['components', 'schemas']));
    if (!isSame) return {};
    return { ...(example !== undefined && { example }), ...(examples !== undefined && { examples }) };
  }

  #at(steps: readonly string[]): unknown {
    return steps.reduce<unknown>(
      (at, step) => (isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined),
      this.#committed,
    );
  }
}

function readJson(file: string): Json {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

const prefix = '#/components/schemas/';

/** A schema with everything that it refers to, as text. */
function schemaText(schema: unknown, components: unknown): string {
  const found = new Map<string, unknown>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isObject(value)) return undefined;
    for (const [keyword, member] of Object.entries(value)) {
      if (keyword !== '$ref' || typeof member !== 'string' || !member.startsWith(prefix)) visit(member);
      else if (!found.has(member)) {
        const target = isObject(components) ? components[member.slice(prefix.length)] : undefined;
        found.set(member, target);
        visit(target);
      }
    }
    return undefined;
  };
  visit(schema);
  return JSON.stringify([schema, ...found]);
}

const isObject = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x);
