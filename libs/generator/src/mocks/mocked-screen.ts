import type { MockState } from './runtime/mocks.js';

/** A screen with its states, before it is written as text. */
export interface MockedScreen {
  /** The name of its function in the client. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly complete: MockState;
  readonly parts: ReadonlyMap<string, MockState>;
  readonly problems: ReadonlyMap<string, MockState>;
}

/** A state that could not be had from the BFF, and the reason. */
export interface MockNote {
  /** `GET /orders/{id}` */
  readonly endpoint: string;
  readonly reason: string;
}
