import { answers as bytes100k } from './bytes-100k/answers.js';
import { answers as calls } from './calls/answers.js';
import { answers as each20 } from './each-20/answers.js';
import { answers as home5 } from './home-5/answers.js';
import { answers as join300 } from './join-300/answers.js';
import { answers as twoWaves } from './two-waves/answers.js';
import type { Answers } from './values.js';

export interface Scenario {
  readonly name: string;
  /** Of the endpoint. */
  readonly path: string;
  /** The number of calls that one request makes. */
  readonly calls: number;
  readonly answers: (variant: number) => Answers;
}

/** A run without arguments measures the first one. */
export const scenarios: readonly Scenario[] = [
  { name: 'home-5', path: '/home', calls: 5, answers: home5 },
  { name: 'calls-1', path: '/calls-1', calls: 1, answers: calls(1) },
  { name: 'calls-10', path: '/calls-10', calls: 10, answers: calls(10) },
  { name: 'calls-50', path: '/calls-50', calls: 50, answers: calls(50) },
  { name: 'two-waves', path: '/two-waves', calls: 3, answers: twoWaves },
  { name: 'each-20', path: '/each-20', calls: 21, answers: each20 },
  { name: 'join-300', path: '/join-300', calls: 2, answers: join300 },
  { name: 'bytes-100k', path: '/bytes-100k', calls: 1, answers: bytes100k },
];
