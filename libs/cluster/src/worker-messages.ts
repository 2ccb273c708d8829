import type { AdmittedHits } from '@frontage/throttling';

export interface DrainTimes {
  /** The time for which connections are still accepted, in milliseconds. */
  readonly delayMs: number;
  /** The linger takes half of it at most. */
  readonly graceMs: number;
}

/** A page of the admin port on its way from one process to another, as JSON. */
export interface SentPage {
  readonly contentType: string;
  readonly status: number;
  readonly body: string;
  readonly encoding: 'utf8' | 'base64';
}

/** Data that a process needs to respond for the others. */
export interface WorkerReady {
  /** The common address of all processes: `http://127.0.0.1:4001` */
  readonly url: string;
  /** Undefined where the app switches the admin port off. */
  readonly admin:
    | {
        readonly port: number;
        readonly host: string;
        readonly otherPort: string;
        /** Paths of the requests that change something, and who may send them. */
        readonly actions: readonly string[];
        readonly token?: string;
        readonly isOpen: boolean;
      }
    | undefined;
  readonly shutdown: DrainTimes;
}

/** Cached responses that are not true any more, by the marks that the cache gives them; to the other workers. */
interface ToldMarks {
  readonly frontage: 'invalidated';
  readonly marks: readonly string[] | 'all';
  /** The shared store does not know it yet. */
  readonly isPending: boolean;
}

/** From a worker to the primary. */
export type WorkerMessage =
  | { readonly frontage: 'ready'; readonly ready: WorkerReady }
  | { readonly frontage: 'page'; readonly id: number; readonly page: SentPage | undefined; readonly rssBytes: number }
  | { readonly frontage: 'hits'; readonly hits: AdmittedHits }
  | ToldMarks
  /** A client of the public port asks whether the app is ready. */
  | { readonly frontage: 'areReady'; readonly id: number }
  /** Nothing is under way any more, and these are the last figures. */
  | { readonly frontage: 'farewell'; readonly metrics: string };

/** From the primary to a worker. */
export type PrimaryMessage =
  | { readonly frontage: 'ask'; readonly id: number; readonly path: string }
  /** An operator changes something, in every process. */
  | { readonly frontage: 'act'; readonly id: number; readonly path: string; readonly body: unknown }
  | { readonly frontage: 'hits'; readonly hits: AdmittedHits }
  | ToldMarks
  | { readonly frontage: 'areReady'; readonly id: number; readonly ready: boolean }
  /** Another process has taken over: finish running requests, and end. */
  | { readonly frontage: 'replaced' }
  /** All are ending. */
  | { readonly frontage: 'stop' };

/**
 * Set for the workers of `frontage serve`, so that no other use of node:cluster is taken for it: to the key of the hashes that stand for
 * callers in the log, which has to be one for all.
 */
export const workerVariable = 'FRONTAGE_WORKER';

/** Both ends are this package: what carries our tag has our shape. */
export function isOurs<Message extends WorkerMessage | PrimaryMessage>(message: unknown): message is Message {
  return typeof message === 'object' && message !== null && 'frontage' in message;
}
