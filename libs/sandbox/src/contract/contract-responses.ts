import type { ContractDocument, OperationDescription, ResponseDescription } from '@frontage/contracts';
import { mediaKind, type JsonSchema } from '@frontage/core';
import { isRecord, type SandboxResponse } from '../model/behaviour.js';
import type { ContractChecks } from './contract-checks.js';
import { headersOfResponse } from './contract-headers.js';
import { ContractSamples } from './contract-samples.js';
import { concreteMedia, mediaSample } from '../samples/media-samples.js';
import type { ParameterGroups } from '../decoding/parameter-decoding.js';

/** Makes the responses of operations from their contract alone: an example that the contract accepts, else a generated value. */
export class ContractResponses {
  readonly #contract: ContractDocument;
  readonly #checks: ContractChecks;
  readonly #samples: ContractSamples;
  readonly #seed: string;

  constructor(contract: ContractDocument, checks: ContractChecks, seed: string) {
    this.#contract = contract;
    this.#checks = checks;
    this.#samples = new ContractSamples(contract, checks);
    this.#seed = seed;
  }

  /** The success response to a request: the same for the same target. */
  respond(
    operation: OperationDescription,
    target: string,
    groups: Pick<ParameterGroups, 'path' | 'header'>,
  ): SandboxResponse {
    const response = goodResponse(operation);
    if (response === undefined) return { status: 204 };
    const seed = `${this.#seed} ${operation.method} ${target}`;
    const made = this.#make(operation, response, seed, groups.path);
    const headers = headersOfResponse(response, groups.header, this.#samples, seed);
    return Object.keys(headers).length === 0 ? made : { ...made, headers };
  }

  #make(
    operation: OperationDescription,
    response: ResponseDescription,
    seed: string,
    path: ParameterGroups['path'],
  ): SandboxResponse {
    const status = statusOf(response);
    const [described] = response.media;
    // RFC 9110 sections 15.3.5 and 15.3.6: these have no content, also where the contract declares one.
    if (described === undefined || status === 204 || status === 205) return { status };
    const { schema } = described;
    const media = concreteMedia(described.media);
    const examples = this.#examples(operation, response.status, described.media);
    switch (mediaKind(media)) {
      case 'json': {
        // An example can break its own contract; such a response would mislead clients.
        const body =
          schema === undefined ? (examples[0] ?? {}) : this.#samples.value(schema, seed, 'response', examples);
        return { status, media, body: this.#echoing(path, body, schema ?? true) };
      }
      case 'ndjson': {
        const lines = schema === undefined ? [{}] : this.#samples.value(schema, seed);
        const before = media.includes('json-seq') ? '\u001E' : '';
        const written = (Array.isArray(lines) ? lines : [lines]).map((line) => `${before}${JSON.stringify(line)}\n`);
        return { status, media, body: Buffer.from(written.join('')) };
      }
      default: {
        const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
        const example = examples.find(isText);
        if (example !== undefined) return { status, media, body: example };
        const made = schema === undefined ? undefined : this.#samples.value(schema, seed);
        return { status, media, body: mediaSample(media, isText(made) ? made : 'text', seed) };
      }
    }
  }

  /** Copies path parameters into the body, as far as the schema accepts that: `/books/7` returns the book 7. */
  #echoing(path: ParameterGroups['path'], body: unknown, schema: JsonSchema): unknown {
    if (!isRecord(body)) return body;
    let echoing = body;
    for (const [name, value] of Object.entries(path)) {
      const more = { ...echoing, [name]: value };
      if (Object.hasOwn(body, name) && this.#checks.accepts(schema, more, 'response')) echoing = more;
    }
    return echoing;
  }

  #examples(operation: OperationDescription, status: string, media: string): readonly unknown[] {
    const { paths } = this.#contract.bundled;
    const item = this.#follow(member(paths, operation.path));
    const response = this.#follow(member(member(member(item, operation.method.toLowerCase()), 'responses'), status));
    const content = this.#follow(member(member(response, 'content'), media));
    const named = member(content, 'examples');
    const values = isRecord(named) ? Object.values(named).map((one) => member(this.#follow(one), 'value')) : [];
    // Swagger 2.0 has them by media type.
    const older = member(member(response, 'examples'), media);
    return [member(content, 'example'), ...values, older].filter((value) => value !== undefined);
  }

  #follow(node: unknown): unknown {
    let found = node;
    for (let hops = 0; hops < 20 && typeof member(found, '$ref') === 'string'; hops += 1) {
      const tokens = String(member(found, '$ref')).split('/').slice(1);
      found = tokens.reduce<unknown>(
        (at, token) => member(at, token.replaceAll('~1', '/').replaceAll('~0', '~')),
        this.#contract.bundled,
      );
    }
    return found;
  }
}

const member = (node: unknown, name: string): unknown =>
  isRecord(node) && Object.hasOwn(node, name) ? node[name] : undefined;

/** The lowest declared success, else `default`, else a redirect. Errors alone say nothing about the success. */
function goodResponse({ responses }: OperationDescription): ResponseDescription | undefined {
  const good = responses
    .filter(({ status }) => status.startsWith('2'))
    .toSorted((a, b) => a.status.localeCompare(b.status));
  // 304 responds to a condition that a client has sent.
  const isRedirect = ({ status }: ResponseDescription): boolean => status.startsWith('3') && status !== '304';
  return good[0] ?? responses.find(({ status }) => status === 'default') ?? responses.find(isRedirect);
}

/** `2XX` and `default` mean 200. */
const statusOf = ({ status }: ResponseDescription): number =>
  /^\d{3}$/.test(status) ? Number(status) : Number(status[0]) * 100 || 200;
