import { Agent, type AgentOptions, type ClientRequest } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * An agent of `node:http` that reports unrequested bytes. Node closes the connection that they came on (it watches those
 * that wait for their next request); the agent closes the other waiting ones, because a peer that mixes up one may mix up others.
 */
export class WatchedAgent extends Agent {
  readonly #onUnaskedBytes: () => void;
  readonly #waiting = new WeakMap<Duplex, () => void>();

  /** @param onUnaskedBytes hears of them once the connection is closed */
  constructor(options: AgentOptions, onUnaskedBytes: () => void) {
    super(options);
    this.#onUnaskedBytes = onUnaskedBytes;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    // The types leave out that it says whether the connection is kept (nodejs.org/api/http.html#agentkeepsocketalivesocket).
    const isKept: unknown = super.keepSocketAlive(socket);
    if (isKept !== true) return false;
    if (socket instanceof Socket) this.#watch(socket);
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    const closed = this.#waiting.get(socket);
    if (closed !== undefined) socket.off('close', closed);
    this.#waiting.delete(socket);
    super.reuseSocket(socket, request);
  }

  #watch(socket: Socket): void {
    const { bytesRead } = socket;
    const closed = (): void => {
      // The end of the other side closes it too, and brings no byte.
      if (socket.bytesRead === bytesRead && socket.readableLength === 0) return;
      for (const free of Object.values(this.freeSockets).flat()) free?.destroy();
      this.#onUnaskedBytes();
    };
    this.#waiting.set(socket, closed);
    socket.once('close', closed);
  }
}
