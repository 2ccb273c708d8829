import { Pool, type Dispatcher } from 'undici';
import type { Get } from '../scenarios/by-hand.js';
import { connections, maxBytes, upstream } from './environment.js';

const pool = new Pool(upstream, { connections, pipelining: 1 });

class Collect implements Dispatcher.DispatchHandler {
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: Error) => void;
  chunks: Buffer | undefined = undefined;
  constructor(resolve: (value: unknown) => void, reject: (cause: Error) => void) {
    this.resolve = resolve;
    this.reject = reject;
  }
  onRequestStart(): void {}
  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status !== 200) controller.abort(new Error(`status ${status}`));
  }
  onResponseData(controller: Dispatcher.DispatchController, data: Buffer): void {
    this.chunks = this.chunks === undefined ? data : Buffer.concat([this.chunks, data]);
    if (this.chunks.length > maxBytes) controller.abort(new Error('too large'));
  }
  onResponseEnd(): void {
    this.resolve(JSON.parse(this.chunks?.toString('utf8') ?? ''));
  }
  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    this.reject(cause);
  }
}

/** One handler class over undici's lowest level, with the checks that every program needs. */
export const get: Get = <T>(path: string): Promise<T> =>
  new Promise<unknown>((resolve, reject) => {
    pool.dispatch({ path, method: 'GET' }, new Collect(resolve, reject));
  }) as Promise<T>;
