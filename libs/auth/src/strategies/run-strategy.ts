import passport, { type Strategy } from 'passport';
import type { RequestHead } from '../verifiers/token-verifier.js';

/** The end of a strategy, as Passport has it. */
export type Verdict =
  | { readonly kind: 'success'; readonly user: unknown; readonly info: unknown }
  | { readonly kind: 'failure'; readonly challenge: unknown }
  | { readonly kind: 'none' };

/** Options of each run, beside those of Passport. */
export interface StrategyRun {
  /** Longest time that the request can wait, in milliseconds. */
  readonly withinMs?: number | undefined;
}

/** Stands for the response: a strategy that redirects a browser has no place before an API. */
const noResponse = { statusCode: 0, setHeader: (): void => undefined, end: (): void => undefined };

/** Runs one Passport strategy over the head of a request. Rejects with the error of a strategy that reports one. */
export function runStrategy(strategy: Strategy, request: RequestHead, run: StrategyRun): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const decided = (error: unknown, user: unknown, info: unknown): void => {
      if (error !== null && error !== undefined) reject(error);
      else if (user === undefined || user === null || user === false) resolve({ kind: 'failure', challenge: info });
      else resolve({ kind: 'success', user, info });
    };
    const response = {
      ...noResponse,
      end: (): void =>
        resolve({ kind: 'failure', challenge: new Error('the strategy redirects, which an API cannot') }),
    };
    // Passport writes its functions on the strategy, so each request has an object of its own.
    const own: Strategy = Object.create(strategy);
    passport.authenticate(own, { session: false, ...run }, decided)(request, response, (error: unknown) => {
      if (error !== undefined) reject(error);
      else resolve({ kind: 'none' });
    });
  });
}

/** The strategy that a provider of the app has registered under this name, in the table that Passport has for the process. */
export function ownStrategy(name: string): Strategy | undefined {
  const table: unknown = Reflect.get(passport, '_strategies');
  const strategy: unknown = typeof table === 'object' && table !== null ? Reflect.get(table, name) : undefined;
  return isStrategy(strategy) ? strategy : undefined;
}

const isStrategy = (value: unknown): value is Strategy =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'authenticate') === 'function';
