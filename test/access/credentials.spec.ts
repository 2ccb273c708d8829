import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError, loadConfig } from '@frontage/config';
import { describe, expect, it } from 'vitest';
import { policyFile } from './policy-file.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/credentials.md'), 'utf8');
const env = { ORDERS_KEY: 's3cret', CLIENT_SECRET: 's3cret' };

/** The policies of the page, by the heading that they stand below. */
const examples = page.split(/^## /m).flatMap((section) => {
  const heading = section.slice(0, section.indexOf('\n'));
  return [...section.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, lines = '']) => [heading, lines] as const);
});

describe('docs/credentials.md', () => {
  it('has a policy for each way', () => {
    expect(examples.map(([heading]) => heading)).toEqual([
      'The token of the caller',
      'A fixed secret',
      'A secret in a file',
      'Client credentials',
      'Token exchange',
      'User context',
    ]);
  });

  it.each(examples)('has lines that the start accepts: %s', (_, lines) => {
    const file = policyFile(lines);
    writeFileSync(join(dirname(file), 'shop-bff.jwks.json'), '');
    const { upstreams } = loadConfig(file, { env, environment: 'test' });
    const [upstream] = Object.values(upstreams);
    const { forwardAuthorization, credentials, userContext } = upstream ?? {};
    expect([forwardAuthorization, credentials !== undefined, userContext]).toContain(true);
  });

  it('names every key of credentials and of the user context that the policy has', () => {
    const reference = readFileSync(join(import.meta.dirname, '../../docs/policy.md'), 'utf8');
    for (const key of ['clientCredentials', 'tokenExchange', 'file', 'value']) {
      expect(reference).toContain(`\`<name>.credentials.${key}`);
      expect(page).toContain(`credentials: { ${key} }`);
    }
  });

  it('says what is refused: two ways for one field', () => {
    const lines = `upstreams: { orders: { urls: ['https://o.example'], forwardAuthorization: true, credentials: { value: '\${ORDERS_KEY}' } } }`;
    expect(() => loadConfig(policyFile(lines), { env, environment: 'test' })).toThrow(ConfigError);
  });
});
