import type { ContractDocument, OperationDescription } from '@frontage/contracts';

type Node = Readonly<Record<string, unknown>>;

/** The values that a contract shows for what a request brings (`example` and `examples`, OpenAPI 3.1 section 4.8.19). */
export class ContractExamples {
  readonly #root: Node;

  constructor({ bundled }: Pick<ContractDocument, 'bundled'>) {
    this.#root = bundled;
  }

  /** Of a parameter. */
  parameter(operation: OperationDescription, place: string, name: string): readonly unknown[] {
    const item = this.#member(this.#member(this.#root, 'paths'), operation.path);
    const own = this.#member(item, operation.method.toLowerCase());
    // Those of the operation stand before those of its path.
    const declared = [own, item].flatMap((one) => listOf(one?.['parameters'])).map((one) => this.#resolved(one));
    return this.#of(declared.find((one) => one?.['in'] === place && one['name'] === name));
  }

  /** Of the body, in a media type. */
  body(operation: OperationDescription, media: string): readonly unknown[] {
    const item = this.#member(this.#member(this.#root, 'paths'), operation.path);
    const own = this.#member(item, operation.method.toLowerCase());
    return this.#of(this.#member(this.#member(this.#member(own, 'requestBody'), 'content'), media));
  }

  #of(node: Node | undefined): readonly unknown[] {
    if (node === undefined) return [];
    const named = Object.keys(this.#member(node, 'examples') ?? {});
    const values = named.map((name) => this.#member(this.#member(node, 'examples'), name)?.['value']);
    return [node['example'], ...values].filter((value) => value !== undefined);
  }

  #member(node: Node | undefined, name: string): Node | undefined {
    return node !== undefined && Object.hasOwn(node, name) ? this.#resolved(node[name]) : undefined;
  }

  /** Behind references within the document: `#/components/parameters/Id`. */
  #resolved(value: unknown, hops = 0): Node | undefined {
    if (!isNode(value)) return undefined;
    const reference = value['$ref'];
    if (typeof reference !== 'string' || !reference.startsWith('#/') || hops > 8) return value;
    let found: unknown = this.#root;
    for (const token of reference.slice(2).split('/')) {
      const name = decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
      found = isNode(found) && Object.hasOwn(found, name) ? found[name] : undefined;
    }
    return this.#resolved(found, hops + 1);
  }
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
