import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compared, type OwnUnderstood } from './fixtures/disagreement.js';

interface Recorded {
  readonly request: string;
  readonly response: string;
  /** The server closed the connection behind it. */
  readonly closes: boolean;
}
interface Recording {
  readonly server: string;
  readonly responses: readonly Recorded[];
}

const folder = new URL('fixtures/recorded/', import.meta.url);
const recordings = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Recording);

const screen = { name: 'Zoë', items: [1, 2] };

function understood({ request, response }: Recorded, cuts: readonly number[]): OwnUnderstood {
  const { ours, difference } = compared({ text: response, cuts, isHead: request.startsWith('HEAD ') });
  expect(difference).toBeUndefined();
  return ours;
}

describe.each(recordings)('the responses of $server', ({ responses }) => {
  it('are read whole, as llhttp reads them, in every pair of pieces and byte by byte', () => {
    for (const recorded of responses) {
      const whole = understood(recorded, []);
      expect(whole.isComplete).toBe(true);
      // Some applications send a body behind the head that was asked for: the connection ends with it.
      if (!recorded.request.startsWith('HEAD ')) expect(whole.wrong).toBeUndefined();
      else expect(whole.keepsAlive).toBe(false);
      expect(
        understood(
          recorded,
          Array.from(recorded.response, () => 1),
        ),
      ).toEqual(whole);
      for (let cut = 1; cut < recorded.response.length; cut += 9) expect(understood(recorded, [cut])).toEqual(whole);
    }
  });

  it('have the screen as their body, by length, by chunks, packed, or until the connection ends', () => {
    const screens = responses.filter(
      ({ request, response }) => /^GET \/(?:sized|streamed) /.test(request) && / 200 /.test(response.slice(8, 13)),
    );
    expect(screens.length).toBeGreaterThan(2);
    for (const recorded of screens) {
      const { body, fields } = understood(recorded, []);
      const isPacked = fields.some(([name, value]) => name === 'content-encoding' && value === 'gzip');
      const bytes = Buffer.from(body, 'latin1');
      expect(JSON.parse(String(isPacked ? gunzipSync(bytes) : bytes))).toEqual(screen);
    }
  });
});

it('are of the servers that upstreams are written with', () => {
  expect(recordings.map(({ server }) => server)).toEqual(
    expect.arrayContaining([
      'nginx',
      'node-http',
      'go-net-http',
      'tomcat',
      'jetty',
      'undertow',
      'gunicorn-sync',
      'uvicorn',
    ]),
  );
});
