import type { CalledOperation } from '../client/client-operations.js';
import type { Shape } from '../client/shape.js';

/** A screen before its files are written. */
export interface PlannedScreen {
  /** Of the app: `tv`. */
  readonly app: string;
  /** Its folder: `order-history`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As Nest writes it: `/order-history/:id`. */
  readonly path: string;
  readonly scope: string;
  readonly rateClass: string;
  readonly parts: readonly PlannedPart[];
  readonly inputs: readonly PlannedInput[];
}

export type Group = 'path' | 'query' | 'header' | 'cookie';

/** A call of the plan. */
export interface PlannedPart {
  /** The variable: `user`. */
  readonly name: string;
  /** The member of the response. */
  readonly member: string;
  readonly verb: 'required' | 'optional' | 'write';
  readonly operation: CalledOperation;
  readonly args: readonly PlannedArgument[];
  readonly body: PlannedBody | undefined;
  readonly shape: Shape;
}

export interface PlannedArgument {
  readonly group: Group;
  readonly name: string;
  /** The value that it is wired to: `path.id`; undefined where the developer has to say it. */
  readonly source: string | undefined;
  /** A comment above it. */
  readonly note: string | undefined;
}

export interface PlannedBody {
  readonly isWired: boolean;
  readonly note: string | undefined;
  /** The media type, if the contract has several and the first is another one. */
  readonly contentType: string | undefined;
}

/** A group of the request that the plan reads. */
export interface PlannedInput {
  readonly group: 'path' | 'query' | 'header' | 'body';
  /** The operations whose contract says what it takes; none for a body. */
  readonly pieces: readonly InputPiece[];
}

export interface InputPiece {
  readonly operation: CalledOperation;
  /** The group of the contract: a parameter of a path stands in the query where no route can name it. */
  readonly from: Group | 'body';
  readonly names: readonly string[];
}
