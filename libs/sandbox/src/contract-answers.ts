import {
  isJsonMedia,
  type ContractDocument,
  type OperationDescription,
  type ResponseDescription,
} from '@frontage/contracts';
import { isRecord, type Reply } from './behaviour.js';
import type { ContractChecks } from './contract-checks.js';
import { sample } from './sample.js';

/** Answers operations from nothing but their contract: an example where there is one that the contract accepts, else made up. */
export class ContractAnswers {
  readonly #contract: ContractDocument;
  readonly #checks: ContractChecks;
  readonly #seed: string;

  constructor(contract: ContractDocument, checks: ContractChecks, seed: string) {
    this.#contract = contract;
    this.#checks = checks;
    this.#seed = seed;
  }

  /** The good answer to a request: the same for the same target. */
  answer(operation: OperationDescription, target: string): Reply {
    const response = goodResponse(operation);
    if (response === undefined) return { status: 204 };
    const status = statusOf(response);
    const [described] = response.media;
    if (described === undefined) return { status };
    const { media, schema } = described;
    const seed = `${this.#seed} ${operation.method} ${target}`;
    if (!isJsonMedia(media)) {
      return {
        status,
        media: media.includes('*') ? 'application/octet-stream' : media,
        body: sample({ type: 'string' }, () => undefined, seed),
      };
    }
    const type = media.includes('*') ? 'application/json' : media;
    const examples = this.#examples(operation, response.status, media);
    if (schema === undefined) return { status, media: type, body: examples[0] ?? {} };
    const fits = (body: unknown): boolean => this.#checks.accepts(`${operation.id} ${response.status}`, schema, body);
    // Examples are written by people: one that breaks its own contract would teach clients the wrong thing.
    const body = [...examples, sample(schema, this.#checks.resolve, seed)].find(fits);
    return { status, media: type, body: body ?? sample(schema, this.#checks.resolve, seed, 'ignore') };
  }

  #examples(operation: OperationDescription, status: string, media: string): readonly unknown[] {
    const { paths } = this.#contract.bundled;
    const item = this.#follow(member(paths, operation.path));
    const response = this.#follow(member(member(member(item, operation.method.toLowerCase()), 'responses'), status));
    const content = this.#follow(member(member(response, 'content'), media));
    const named = member(content, 'examples');
    const values = isRecord(named) ? Object.values(named).map((one) => member(this.#follow(one), 'value')) : [];
    return [member(content, 'example'), ...values].filter((value) => value !== undefined);
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

/** The lowest declared success, or what stands for one. */
function goodResponse({ responses }: OperationDescription): ResponseDescription | undefined {
  const good = responses
    .filter(({ status }) => status.startsWith('2'))
    .toSorted((a, b) => a.status.localeCompare(b.status));
  return good[0] ?? responses.find(({ status }) => status === 'default') ?? responses[0];
}

/** `2XX` and `default` stand for 200. */
const statusOf = ({ status }: ResponseDescription): number =>
  /^\d{3}$/.test(status) ? Number(status) : Number(status[0]) * 100 || 200;
