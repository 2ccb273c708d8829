import { Pool } from 'undici';
import type { Get } from '../scenarios/by-hand.js';
import { connections, maxBytes, upstream } from './environment.js';

const pool = new Pool(upstream, { connections, pipelining: 1, maxResponseSize: maxBytes });

/** undici as its documentation shows it. */
export const get: Get = async <T>(path: string): Promise<T> => {
  const { statusCode, body } = await pool.request({ path, method: 'GET' });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`status ${statusCode}`);
  }
  return (await body.json()) as T;
};
