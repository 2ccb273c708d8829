import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { RealUpstream } from '../dev/real-upstreams.js';
import type { Terminal } from '../terminal/command-context.js';
import { linesText } from '../terminal/terminal.js';
import { writeFiles } from '../workspace/write-files.js';
import { fileNameOf, recordedResponse, type ReceivedResponse } from './recorded-response.js';
import { RecordingProxy } from './recording-proxy.js';

/** Longest body that is recorded, in bytes. */
const maxBytes = 256 * 1024;
/** Most files of one upstream; a request that was recorded before replaces its file. */
const maxFiles = 200;

export interface RecorderOptions {
  readonly root: string;
  /** `apps/tv/test/recorded`; each upstream gets a folder in it. */
  readonly folder: string;
  readonly context: Terminal;
}

/** Keeps the responses of real upstreams as files for tests: without secrets, and bounded in size and number. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #proxies: RecordingProxy[] = [];
  readonly #written = new Map<string, Set<string>>();
  /** Writes one after another. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** @returns the address that records what this upstream responds */
  async addressFor({ name, url }: RealUpstream): Promise<string> {
    const { context } = this.#options;
    const proxy = await RecordingProxy.start({
      target: url,
      maxBytes,
      onReceived: (response) => {
        this.#last = this.#last
          .then(() => this.#keep(name, response))
          .catch((cause: unknown) =>
            context.writeError(`not recorded: ${cause instanceof Error ? cause.message : String(cause)}\n`),
          );
      },
      onSkipped: (request, reason) => context.write(linesText([`not recorded: ${name} ${request}: ${reason}`])),
    });
    this.#proxies.push(proxy);
    return proxy.url;
  }

  async #keep(upstream: string, received: ReceivedResponse): Promise<void> {
    const { root, folder, context } = this.#options;
    const recorded = recordedResponse(received);
    const request = `${upstream} ${received.method} ${received.target.split('?', 1)[0]}`;
    if (recorded === undefined) return context.write(linesText([`not recorded: ${request}: its body is no text`]));
    const file = join(folder, upstream, fileNameOf(recorded.request));
    const files = this.#written.get(upstream) ?? new Set();
    this.#written.set(upstream, files);
    if (files.size >= maxFiles && !files.has(file) && !existsSync(file))
      return context.write(
        linesText([`not recorded: ${request}: ${maxFiles} responses of ${upstream} are kept already`]),
      );
    files.add(file);
    const written = await writeFiles(root, new Map([[file, `${JSON.stringify(recorded, null, 2)}\n`]]));
    if (written.length > 0) context.write(linesText([`recorded ${relative(root, file)}`]));
    return undefined;
  }

  /** Resolves when all that was received is written. */
  async stop(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.stop()));
    await this.#last;
  }
}
