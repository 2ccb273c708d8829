import { ConfigError } from '@frontage/config';
import { describe, expect, it } from 'vitest';
import { errorText, saidText } from '@frontage/core';
import { BootError } from './routes/routes.js';
import { startupMessage } from './startup-message.js';

const password = 'hunter2-of-the-shop';

describe('the reason why an app did not start', () => {
  const causes: Readonly<Record<string, unknown>> = {
    'an error': new Error(`cannot connect to postgres://shop:${password}@db/shop`),
    'an error with a cause': new Error('no database', { cause: new Error(`password=${password}`) }),
    'an error whose stack is its own': Object.assign(new Error('x'), { stack: `Error: PGPASSWORD=${password}` }),
    'a text': `redis://:${password}@store/0`,
    'an object': { message: `authorization: Bearer ${password}` },
  };
  it.each(Object.keys(causes))('is told without secrets: %s', (what) => {
    const message = startupMessage(causes[what], undefined);
    expect(message).not.toContain(password);
    expect(message).toContain('[redacted]');
  });

  it('tells the causes below an error', () => {
    const cause = new Error('refused', { cause: 'the port is closed' });
    expect(startupMessage(new Error('no database', { cause }), undefined)).toMatch(
      /^Error: no database\n[^]*\ncaused by Error: refused\n[^]*\ncaused by the port is closed$/,
    );
  });

  it('tells mistakes of configuration and of routes as they are: they hold no secret, and a person reads them', () => {
    const line = 'access: { jwt: { algorithms: [none] } }';
    const wrong = new ConfigError([{ file: '/a.yaml', line: 1, column: 1, message: 'unknown', source: line }]);
    expect(startupMessage(wrong, undefined)).toContain(line);
    expect(startupMessage(new BootError(['GET /a says nothing about access']), undefined)).toBe(
      'GET /a says nothing about access',
    );
  });

  it.each([undefined, null, Symbol('a'), 1n, Object.create(null)])('never throws: %#', (thrown) => {
    expect(errorText(thrown)).not.toBe('');
  });
});

describe('the output of a process before it ended', () => {
  it('loses its secrets, and keeps the lines of a policy file that a configuration error quotes', () => {
    const quoted = '  3 | access: { jwt: { algorithms: [none] } }\n    |                             ^^^^';
    expect(saidText(`a\n${quoted}\nAPI_TOKEN=${password}\n`)).toBe(`a\n${quoted}\nAPI_TOKEN=[redacted]\n`);
  });
});
