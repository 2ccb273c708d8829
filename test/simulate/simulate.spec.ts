import { describe, expect, it } from 'vitest';
import { incidents, simulate, variants, type Incident, type Size } from './simulate.js';

const size: Size = { gateways: 3, rate: 40 };
const named = (name: string): Incident => incidents.find((one) => one.name === name) ?? expect.unreachable(name);
const run = (incident: string, variant: string, seed = 1) =>
  simulate(size, named(incident), variants[variant] ?? expect.unreachable(variant), seed);

describe('incidents of one service of ten, on virtual time', () => {
  it('are the same for the same seed', () => {
    expect(run('a half-dead service', 'all of them')).toEqual(run('a half-dead service', 'all of them'));
    expect(run('a half-dead service', 'all of them', 2)).not.toEqual(run('a half-dead service', 'all of them'));
  });

  it('never end where retries have no budget: the load of the retries keeps the service ill', () => {
    for (const { name } of incidents) {
      const { amplification, recoverySeconds } = run(name, 'retries without a budget');
      expect(amplification, name).toBeGreaterThan(2);
      expect(recoverySeconds, name).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it('end with all policies on, and the ill service gets little more than pages need of it', () => {
    for (const { name } of incidents) {
      const { amplification, recoverySeconds } = run(name, 'all of them');
      expect(amplification, name).toBeLessThan(1.25);
      expect(recoverySeconds, name).toBeLessThan(20);
    }
  });

  it('cost an ill service half of its load where a breaker is open', () => {
    expect(run('a slow service', 'breaker').amplification).toBeLessThan(0.75);
  });
});
