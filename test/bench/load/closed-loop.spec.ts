import { describe, expect, it } from 'vitest';
import { readWrk } from './closed-loop.js';

const report = `Running 2s test @ http://127.0.0.1:4900/home
  1 threads and 64 connections
  Latency Distribution
     50%  875.00us
     75%    1.20ms
     90%   14.00ms
     99%    1.25s
  8123 requests in 2.00s, 50.12MB read
Requests/sec:   4061.33
`;

describe('the output of wrk', () => {
  it('is read with its units', () => {
    expect(readWrk(report)).toEqual({ requests: 8123, rps: 4061.33, p50Ms: 0.875, p99Ms: 1250, failed: 0 });
  });

  it('counts unsuccessful responses and broken connections', () => {
    const troubled = `${report}  Socket errors: connect 0, read 3, write 0, timeout 2\n  Non-2xx or 3xx responses: 7\n`;
    expect(readWrk(troubled).failed).toBe(12);
  });
});
