import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { channels, Reloader, systemClock, versionOfFile, type Clock, type Warning } from '@frontage/core';
import { AddressList } from './address-list.js';

export interface AddressListsOptions {
  /** File of the addresses that are refused. */
  readonly deny?: string;
  /** File of the only addresses that are let in. @default all */
  readonly allow?: string;
  /** Time between two looks at the files, in milliseconds. */
  readonly reloadMs: number;
  /** @default the clock of the machine */
  readonly clock?: Clock;
}

type ListName = 'deny' | 'allow';

/** A list that could not be read at the start. */
export class UnreadableList extends Error {
  readonly list: ListName;

  constructor(list: ListName, cause: unknown) {
    super(cause instanceof Error ? cause.message : 'unknown', { cause });
    this.name = 'UnreadableList';
    this.list = list;
  }
}

/**
 * Decides by address who may send requests, by lists in files that change while the app runs. A file that cannot be read, or has a bad line,
 * changes nothing: the list that was read last stays in force, and a warning names the line.
 */
export class AddressLists {
  readonly #lists = new Map<ListName, AddressList>();
  readonly #reloaders = new Map<ListName, Reloader<AddressList>>();

  constructor({ deny, allow, reloadMs, clock = systemClock }: AddressListsOptions) {
    for (const [name, file] of [
      ['deny', deny],
      ['allow', allow],
    ] as const) {
      if (file === undefined) continue;
      const reloader = new Reloader({
        source: {
          version: () => versionOfFile(file),
          read: async () => AddressList.read(await readFile(file, 'utf8'), basename(file)),
        },
        everyMs: reloadMs,
        clock,
        take: (list) => this.#lists.set(name, list),
        failed: (cause) => warn(name, cause),
      });
      this.#reloaders.set(name, reloader);
    }
  }

  /**
   * Reads the files for the first time, and looks for changes until {@link stop}.
   * @throws UnreadableList (rejects)
   */
  async start(): Promise<void> {
    for (const [name, reloader] of this.#reloaders) {
      await reloader.load().catch((cause: unknown) => {
        throw new UnreadableList(name, cause);
      });
      reloader.watch();
    }
  }

  stop(): void {
    for (const reloader of this.#reloaders.values()) reloader.stop();
  }

  /** An address on both lists is refused. */
  admits(address: string): boolean {
    if (this.#lists.get('deny')?.has(address) === true) return false;
    return !this.#reloaders.has('allow') || this.#lists.get('allow')?.has(address) === true;
  }
}

function warn(name: ListName, cause: unknown): void {
  const message = `addressLists.${name} cannot be read: the list that was read last stays in force`;
  if (channels.warning.hasSubscribers)
    channels.warning.publish({ from: 'throttling', message, cause } satisfies Warning);
}
