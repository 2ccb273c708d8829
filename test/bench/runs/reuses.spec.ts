import { describe, expect, it } from 'vitest';
import { between, readReuses } from './reuses.js';

const metrics = `# HELP frontage_reuse_total What was not done again.
# TYPE frontage_reuse_total counter
frontage_reuse_total{reuse="token",result="hit"} 90
frontage_reuse_total{reuse="token",result="miss"} 10
frontage_reuse_total{result="decline",reuse="transcoder-template"} 3
frontage_requests_total{status="200"} 100
`;

describe('reuses in metrics', () => {
  it('are found by name and result, whatever else is counted', () => {
    expect(readReuses(metrics)).toEqual([
      { name: 'token', results: { hit: 90, miss: 10 } },
      { name: 'transcoder-template', results: { decline: 3 } },
    ]);
  });

  it('count from one scrape to the next', () => {
    const before = [{ name: 'token', results: { hit: 50 } }];
    expect(between(before, readReuses(metrics))[0]).toEqual({ name: 'token', results: { hit: 40, miss: 10 } });
  });
});
