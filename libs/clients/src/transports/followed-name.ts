import type { Names } from '@frontage/core';

/** The known addresses of the name of one pool of connections. Without `names` none is known, and none is ever removed. */
export class FollowedName {
  readonly #end: () => void;
  #kept: ReadonlySet<string> | undefined = undefined;

  /**
   * @param isUsed whether connections are open
   * @param retire idle connections to addresses that have left are to be closed now
   */
  constructor(names: Names | undefined, host: string, isUsed: () => boolean, retire: () => void) {
    this.#end =
      names?.watch(host.replace(/^\[|\]$/g, ''), {
        isUsed,
        changed: (addresses) => {
          this.#kept = addresses;
          retire();
        },
      }) ?? (() => undefined);
  }

  /** True if a connection to this address may carry another request. */
  keeps(remoteAddress: string | undefined): boolean {
    return this.#kept === undefined || remoteAddress === undefined || this.#kept.has(remoteAddress);
  }

  end(): void {
    this.#end();
  }
}
