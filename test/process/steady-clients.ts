import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** One place that requests can go to, as a load balancer knows it. */
export interface Instance {
  readonly url: string;
}

interface Known extends Instance {
  readonly agents: readonly Agent[];
  isReady: boolean;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Clients behind a load balancer: each sends one request after the other over kept connections, to whichever instance said last that it is
 * ready. A request that gets no whole response, or another one than 200, is lost.
 */
export class SteadyClients {
  readonly #known = new Set<Known>();
  readonly #ended = new AbortController();
  readonly #work: Promise<void>[] = [];
  readonly #path: string;
  readonly lost: string[] = [];
  answered = 0;
  /** Responses that said that they are the last of their connection. */
  closing = 0;

  /** Half of them send without a pause, the others have connections that are idle in between. */
  constructor(count: number, path: string) {
    this.#path = path;
    for (let index = 0; index < count; index++) this.#work.push(this.#send(index, index % 2 === 0 ? 0 : 10 * index));
    this.#work.push(this.#watch());
  }

  /** Resolves once the instance has said that it is ready. */
  async add({ url }: Instance, clients = this.#work.length): Promise<void> {
    const agents = Array.from({ length: clients }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const known = { url, agents, isReady: false };
    this.#known.add(known);
    while (!known.isReady) await pause(5);
  }

  async end(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#work);
    for (const { agents } of this.#known) for (const agent of agents) agent.destroy();
  }

  async #send(index: number, pauseMs: number): Promise<void> {
    for (let turn = index; !this.#ended.signal.aborted; turn++) {
      await pause(pauseMs);
      const ready = [...this.#known].filter(({ isReady }) => isReady);
      const instance = ready[turn % Math.max(1, ready.length)];
      if (instance === undefined) await pause(5);
      else await this.#ask(instance, instance.agents[index]);
    }
  }

  async #ask({ url }: Known, agent: Agent | undefined): Promise<void> {
    try {
      const sent = request(url + this.#path, { agent }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      await text(response);
      if (response.statusCode !== 200) throw new Error(`answered ${String(response.statusCode)}`);
      if (response.headers.connection === 'close') this.closing++;
      this.answered++;
    } catch (cause) {
      this.lost.push(String(cause));
    }
  }

  /** A balancer asks over connections of its own. */
  async #watch(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await Promise.all(
        [...this.#known].map(async (instance) => {
          instance.isReady = await isReady(instance.url);
        }),
      );
      await pause(50);
    }
  }
}

export async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`, { headers: { connection: 'close' } }).then(
    ({ status }) => status === 200,
    () => false,
  );
}
