import type ts from 'typescript';
import type { CalledOperation } from '../client/client-operations.js';
import type { Group, InputPiece, PlannedInput } from './planned-screen.js';

type RequestGroup = 'path' | 'query' | 'header';

interface Provided {
  readonly type: ts.Type;
  readonly operation: CalledOperation;
  readonly from: Group;
}

/** The parts of the request that a plan reads, collected call by call. */
export class RequestInputs {
  readonly #provided: Readonly<Record<RequestGroup, Map<string, Provided>>> = {
    path: new Map(),
    query: new Map(),
    header: new Map(),
  };
  #body: CalledOperation | undefined;

  /** The provider of a member of a group, where a call before has asked for it. */
  provider(group: RequestGroup, name: string): Provided | undefined {
    return this.#provided[group].get(name);
  }

  provide(group: RequestGroup, name: string, provided: Provided): void {
    this.#provided[group].set(name, provided);
  }

  get hasBody(): boolean {
    return this.#body !== undefined;
  }

  provideBody(operation: CalledOperation): void {
    this.#body = operation;
  }

  names(group: RequestGroup): readonly string[] {
    return [...this.#provided[group].keys()];
  }

  planned(): readonly PlannedInput[] {
    const groups = (['path', 'query', 'header'] as const).flatMap((group): PlannedInput[] => {
      const pieces = this.#pieces(group);
      return pieces.length === 0 ? [] : [{ group, pieces }];
    });
    if (this.#body === undefined) return groups;
    return [...groups, { group: 'body', pieces: [{ operation: this.#body, from: 'body', names: [] }] }];
  }

  #pieces(group: RequestGroup): readonly InputPiece[] {
    const pieces: { operation: CalledOperation; from: Group; names: string[] }[] = [];
    for (const [name, { operation, from }] of this.#provided[group]) {
      const known = pieces.find((piece) => piece.operation === operation && piece.from === from);
      if (known === undefined) pieces.push({ operation, from, names: [name] });
      else known.names.push(name);
    }
    return pieces;
  }
}
