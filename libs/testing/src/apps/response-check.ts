import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

export type OpenApiDocument = Readonly<Record<string, unknown>>;

/** Validates responses against an OpenAPI 3.1 document, whose schemas are JSON Schema 2020-12. */
export class ResponseCheck {
  readonly #document: OpenApiDocument;
  // Not strict: a document holds keywords of OpenAPI that JSON Schema does not have.
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #checks = new Map<string, ValidateFunction>();

  constructor(document: OpenApiDocument) {
    this.#document = document;
    formats.default(this.#ajv);
    this.#ajv.addSchema(document, 'app');
  }

  /**
   * The contract violations of a response; empty where it is as the document says, which may describe no body.
   * @param route method and template: `GET /orders/:id`
   * @throws {Error} where the document has no such response
   */
  violations(route: string, status: number, body: unknown): readonly string[] {
    const check = this.#check(route, status);
    return check(body) ? [] : (check.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  }

  #check(route: string, status: number): ValidateFunction {
    const key = `${route} ${status}`;
    const known = this.#checks.get(key);
    if (known !== undefined) return known;
    const [method = '', path = ''] = route.split(' ');
    const pointer = ['paths', path.replaceAll(/:(\w+)/g, '{$1}'), method.toLowerCase(), 'responses', String(status)];
    const found = pointer.reduce<unknown>((at, step) => (isObject(at) ? at[step] : undefined), this.#document);
    const shared = isObject(found) ? found['$ref'] : undefined;
    // A hand-written controller may have a page as its response: the document says nothing of it.
    const isSilent = isObject(found) && shared === undefined && found['content'] === undefined;
    const response = typeof shared === 'string' ? shared : `#/${pointer.map(pointerStep).join('/')}`;
    const media = status < 400 ? 'application/json' : 'application/problem+json';
    const made = this.#ajv.compile(isSilent ? true : { $ref: `app${response}/content/${pointerStep(media)}/schema` });
    this.#checks.set(key, made);
    return made;
  }
}

const isObject = (x: unknown): x is OpenApiDocument => typeof x === 'object' && x !== null;

/** RFC 6901 section 6: as part of a URI fragment. */
const pointerStep = (step: string): string => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));
