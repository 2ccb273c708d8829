import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Timer } from '@frontage/core';

/** Pages that are open at once. */
export const maxPages = 8;
/** Bytes that wait for a reader before it is cut off; it comes back by itself. */
export const maxWaitingBytes = 1_048_576;
/** Milliseconds between two signs of life. */
export const heartbeatMs = 15_000;

export interface PageEvent {
  /** `request`, `upstreams`, `sandbox`, `reset` */
  readonly name: string;
  /** The page names the last one that it has when it comes back. */
  readonly id?: string;
  readonly data: unknown;
}

/** Server-sent events (HTML Living Standard, section 9.2) to the pages that are open. */
export class EventStream {
  readonly #clock: Clock;
  readonly #pages = new Set<ServerResponse>();
  #timer: Timer;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#pages.size;
  }

  /** Called when the first page comes, and when the last one has left. */
  onPages: (arePages: boolean) => void = () => undefined;

  /**
   * @param first events that the page has missed
   * @returns false where as many pages are open as may be
   */
  open(request: IncomingMessage, response: ServerResponse, first: readonly PageEvent[]): boolean {
    if (this.#pages.size >= maxPages) return false;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    response.write('retry: 1000\n\n');
    request.socket.setTimeout(0);
    this.#pages.add(response);
    response.once('close', () => this.#left(response));
    for (const event of first) response.write(textOf(event));
    if (this.#pages.size === 1) {
      this.#beat();
      this.onPages(true);
    }
    return true;
  }

  send(event: PageEvent): void {
    if (this.#pages.size === 0) return;
    const text = textOf(event);
    for (const page of this.#pages) this.#write(page, text);
  }

  close(): void {
    for (const page of this.#pages) page.destroy();
  }

  #write(page: ServerResponse, text: string): void {
    if (page.writableLength > maxWaitingBytes) page.destroy();
    else page.write(text);
  }

  #beat(): void {
    this.#timer = this.#clock.setTimer(() => {
      for (const page of this.#pages) this.#write(page, ': alive\n\n');
      this.#beat();
    }, heartbeatMs);
  }

  #left(response: ServerResponse): void {
    this.#pages.delete(response);
    if (this.#pages.size > 0) return;
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
    this.onPages(false);
  }
}

// JSON has no line breaks of its own.
const textOf = ({ name, id, data }: PageEvent): string =>
  `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
