import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readContract } from '../read-contract.js';

const folder = mkdtempSync(join(tmpdir(), 'security-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(document: unknown) {
  writeFileSync(join(folder, 'a.json'), JSON.stringify(document));
  return readContract(join(folder, 'a.json'), { cwd: folder, lint: false });
}

const responses = { 204: { description: 'ok' } };
const info = { title: 'T', version: '1' };

describe('the security of an operation', () => {
  it('is its own, else that of the document; schemes say where the secret stands', async () => {
    const { operations, securitySchemes, warnings } = await read({
      openapi: '3.1.0',
      info,
      security: [{ key: [] }],
      paths: {
        '/a': { get: { responses }, post: { security: [], responses } },
        '/b': { get: { security: [{ key: [], login: [] }, { token: ['read'] }, {}], responses } },
        '/c': { get: { security: [{ certificate: [] }, { odd: [] }], responses } },
      },
      components: {
        securitySchemes: {
          key: { type: 'apiKey', in: 'query', name: 'appid' },
          login: { type: 'http', scheme: 'Basic' },
          token: { $ref: '#/components/securitySchemes/oauth' },
          oauth: { type: 'oauth2', flows: {} },
          certificate: { type: 'mutualTLS' },
          odd: { type: 'http', scheme: 'digest' },
          lost: { $ref: '#/nowhere' },
        },
      },
    });
    expect(operations.map(({ id, security }) => [id, security])).toEqual([
      ['getA', [['key']]],
      ['postA', undefined],
      ['getB', [['key', 'login'], ['token'], []]],
      ['getC', [[], ['odd']]],
    ]);
    expect(securitySchemes).toEqual({
      key: { kind: 'query', name: 'appid' },
      login: { kind: 'basic' },
      token: { kind: 'bearer' },
      oauth: { kind: 'bearer' },
    });
    expect(warnings.filter(({ rule }) => rule === 'security-scheme').map(({ message }) => message)).toEqual([
      'no client can send what the security scheme odd asks for',
      'no client can send what the security scheme lost asks for',
    ]);
  });

  it.each(['digest', 'Digest', 'Negotiate', 'HOBA', 'SCRAM-SHA-256', 'DPoP'])(
    'refuses an operation that takes nothing but HTTP %s, at the scheme, and no other operation',
    async (scheme) => {
      const { operations, refused } = await read({
        openapi: '3.1.0',
        info,
        security: [{ odd: [] }],
        paths: {
          '/alone': { get: { responses } },
          '/beside': { get: { security: [{ odd: [], key: [] }, { odd: [] }], responses } },
          '/choice': { get: { security: [{ odd: [] }, { key: [] }], responses } },
          '/open': { get: { security: [{ odd: [] }, {}], responses }, put: { security: [], responses } },
          '/token': { get: { security: [{ token: [] }], responses } },
        },
        components: {
          securitySchemes: {
            odd: { type: 'http', scheme },
            key: { type: 'apiKey', in: 'header', name: 'X-Key' },
            token: { type: 'http', scheme: 'Token' },
          },
        },
      });
      expect(operations.map(({ id }) => id)).toEqual(['getChoice', 'getOpen', 'putOpen', 'getToken']);
      expect(refused.map(({ path }) => path)).toEqual(['/alone', '/beside']);
      for (const { file, line, column, reason } of refused) {
        expect(reason).toContain(`every call needs the security scheme odd (HTTP ${scheme})`);
        expect(reason).toContain('remove `security` here by an overlay');
        expect([file, line]).toEqual(['a.json', 1]);
        expect(column).toBeGreaterThan(100);
      }
    },
  );

  it('is read from Swagger 2, too', async () => {
    const { operations, securitySchemes } = await read({
      swagger: '2.0',
      info,
      security: [{ login: [] }],
      securityDefinitions: { login: { type: 'basic' }, key: { type: 'apiKey', in: 'header', name: 'X-Key' } },
      paths: { '/a': { get: { responses }, put: { security: [{ key: [] }], responses } } },
    });
    expect(operations.map(({ security }) => security)).toEqual([[['login']], [['key']]]);
    expect(securitySchemes).toEqual({ login: { kind: 'basic' }, key: { kind: 'header', name: 'X-Key' } });
  });
});
