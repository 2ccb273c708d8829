import { hash } from 'node:crypto';
import { CircuitBreaker } from '@frontage/breaker';
import { ProblemError, type Clock } from '@frontage/core';
import { LRUCache } from 'lru-cache';
import type { IssuerAgent } from '../keys/jwks-fetch.js';
import type { Decision, DecisionInput, PolicyEngine } from './policy-engine.js';

/** An Open Policy Agent, and the rule of it that decides. */
export interface OpaOptions {
  /** Base address. */
  readonly url: string;
  /** Of the rule, below `/v1/data/`: `shop/access`. */
  readonly path: string;
  /** Bearer token that the agent asks for. @default none */
  readonly token?: string;
  /** The time for which a decision is used for the same input, in milliseconds; 0 for once. */
  readonly cacheMs: number;
  /** For one question, in milliseconds. */
  readonly timeoutMs: number;
}

const maxResponseBytes = 262_144;
const maxDecisions = 10_000;
const nothing: ReadonlySet<string> = new Set();
const refused: Decision = { allow: false, denied: nothing, mask: [] };
const allowed: Decision = { allow: true, denied: nothing, mask: [] };

interface KnownDecision {
  readonly decision: Decision;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/**
 * Asks an Open Policy Agent over its REST API: `POST /v1/data/<path>` with `{"input": ...}`, whose response is `{"result": ...}`. A policy
 * without a result refuses the request, and so does an agent that fails.
 */
export class OpaEngine implements PolicyEngine {
  readonly #config: OpaOptions;
  readonly #agent: IssuerAgent;
  readonly #clock: Clock;
  readonly #url: string;
  readonly #breaker: CircuitBreaker;
  readonly #known = new LRUCache<string, KnownDecision>({ max: maxDecisions });
  /** Equal requests that arrive together share one question. */
  readonly #asking = new Map<string, Promise<Decision>>();

  constructor(config: OpaOptions, agent: IssuerAgent, clock: Clock) {
    this.#config = config;
    this.#agent = agent;
    this.#clock = clock;
    this.#url = `${config.url.replace(/\/+$/, '')}/v1/data/${config.path}`;
    const breaker = { failureRatio: 0.5, windowMs: 10_000, minimumCalls: 10, openForMs: 2_000 };
    this.#breaker = new CircuitBreaker('policy', breaker, clock);
  }

  decide(input: DecisionInput, withinMs: number): Decision | Promise<Decision> {
    const text = JSON.stringify({ input });
    const { cacheMs } = this.#config;
    const key = hash('sha256', text, 'base64');
    const known = this.#known.get(key);
    if (known !== undefined && known.until > this.#clock.now()) return known.decision;
    let asked = this.#asking.get(key);
    if (asked === undefined) {
      asked = this.#ask(text, withinMs)
        .then((decision) => {
          if (cacheMs > 0) this.#known.set(key, { decision, until: this.#clock.now() + cacheMs });
          return decision;
        })
        .finally(() => this.#asking.delete(key));
      this.#asking.set(key, asked);
    }
    return asked;
  }

  async #ask(text: string, withinMs: number): Promise<Decision> {
    const permit = this.#breaker.tryAcquire();
    if (permit === undefined)
      throw new ProblemError('GW_UPSTREAM_OPEN_CIRCUIT', {
        detail: 'Access cannot be decided at the moment',
        ...(this.#breaker.retryAfterMs !== undefined && { retryAfterMs: this.#breaker.retryAfterMs }),
      });
    try {
      const decision = decisionOf(await this.#fetched(text, withinMs));
      permit.succeed();
      return decision;
    } catch (cause) {
      permit.fail();
      throw new ProblemError('GW_UNAVAILABLE', { detail: 'Access cannot be decided at the moment', cause });
    }
  }

  async #fetched(text: string, withinMs: number): Promise<unknown> {
    const { agent, isProxied } = this.#agent;
    const { token, timeoutMs } = this.#config;
    const { default: axios } = await import('axios');
    const response = await axios.post<string>(this.#url, text, {
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      maxRedirects: 0,
      // With `false`, axios removes the proxy of an agent.
      ...(!isProxied && { proxy: false }),
      httpAgent: agent,
      httpsAgent: agent,
      maxContentLength: maxResponseBytes,
      responseType: 'text',
      transformResponse: (body: string) => body,
      signal: AbortSignal.timeout(Math.max(1, Math.min(timeoutMs, Math.floor(withinMs)))),
      validateStatus: (status) => status === 200,
    });
    return JSON.parse(response.data);
  }
}

/** @throws Error for a response that is no decision */
function decisionOf(response: unknown): Decision {
  if (!isObject(response)) throw new Error('the response of the policy is no object');
  const { result } = response;
  // A policy that is not defined for this input has no result: it allows nothing.
  if (result === undefined || result === false) return refused;
  if (result === true) return allowed;
  if (!isObject(result)) throw new Error('"result" of the policy is neither true or false nor an object');
  const { allow, parts = {}, mask = [] } = result;
  if (allow !== true) return refused;
  if (!isObject(parts)) throw new Error('"parts" of the policy is no object');
  if (!isTexts(mask)) throw new Error('"mask" of the policy is no list of texts');
  // Anything but true allows nothing, here as well.
  const denied = Object.entries(parts).flatMap(([name, may]) => (may === true ? [] : [name]));
  return { allow: true, denied: denied.length === 0 ? nothing : new Set(denied), mask };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
