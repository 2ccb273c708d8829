/** The facts that an external policy decides by. */
export interface DecisionInput {
  readonly bff: string;
  readonly route: { readonly method: string; readonly path: string };
  /** Decoded parameters of the path, and of the query where each stands once. */
  readonly path: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly caller: object;
  /** By name: the parts of the screen; empty for a hand-written handler. */
  readonly parts: Readonly<Record<string, object>>;
}

/** The decision about one request, for all of its parts. */
export interface Decision {
  readonly allow: boolean;
  /** The parts that this caller may not have. */
  readonly denied: ReadonlySet<string>;
  /** Members of the response that are taken out, by path: `user.email`. */
  readonly mask: readonly string[];
}

/** Decides about requests outside of this app. */
export interface PolicyEngine {
  /**
   * @param withinMs the longest time that the request can wait, in milliseconds
   * @returns a promise only where it has to ask
   * @throws ProblemError (rejects) 503 where there is no decision: the request is refused
   */
  decide(input: DecisionInput, withinMs: number): Decision | Promise<Decision>;
}
