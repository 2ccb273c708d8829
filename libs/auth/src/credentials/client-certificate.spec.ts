import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificateRecord, readCertificateFile } from './certificate-record.js';
import { alternativeNames, normalName, thumbprintOf } from './client-certificate.js';

describe('the alternative names of a certificate', () => {
  it.each([
    ['', []],
    ['DNS:a.example', ['DNS:a.example']],
    ['DNS:a.example, URI:spiffe://acme/depot', ['DNS:a.example', 'URI:spiffe://acme/depot']],
    ['IP Address:10.0.0.1, email:ada@acme.example', ['IP Address:10.0.0.1', 'email:ada@acme.example']],
    ['DNS:"a.example, DNS:b.example"', ['DNS:a.example, DNS:b.example']],
    ['URI:"http://a/\\u002cDNS:b", DNS:c', ['URI:http://a/,DNS:b', 'DNS:c']],
  ])('are read of %j', (text, names) => {
    expect(alternativeNames(text)).toEqual(names);
  });

  it('are the same for every value, as Node writes it', () => {
    const kind = fc.constantFrom('DNS', 'URI', 'email', 'IP Address');
    const value = fc.string({ minLength: 1 });
    // Node writes a value as JSON where it could be misread (CVE-2021-44532).
    const shown = (text: string): string => (/[,"\\']|[^\x21-\x7e]/.test(text) ? JSON.stringify(text) : text);
    fc.assert(
      fc.property(fc.array(fc.tuple(kind, value), { minLength: 1 }), (names) => {
        const written = names.map(([of, text]) => `${of}:${shown(text)}`).join(', ');
        expect(alternativeNames(written)).toEqual(names.map(([of, text]) => `${of}:${text}`));
      }),
    );
  });
});

it('a thumbprint is the same in each spelling', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const hex = Buffer.from(bytes).toString('hex');
      const expected = Buffer.from(bytes).toString('base64url');
      const colons = hex.toUpperCase().replace(/..(?!$)/g, '$&:');
      expect([hex, colons, expected].map(thumbprintOf)).toEqual([expected, expected, expected]);
    }),
  );
  expect(['', 'ab', 'x'.repeat(64), 'a'.repeat(44)].map(thumbprintOf)).toEqual(Array(4).fill(undefined));
});

it('a name has no blanks behind its commas, but for those that are escaped', () => {
  expect(normalName(' CN=depot, O=Acme\\, Inc,  C=DE ')).toBe('CN=depot,O=Acme\\, Inc,C=DE');
});

describe('a file of callers', () => {
  it('has callers by name, each value as a text or a list', () => {
    const text = JSON.stringify({
      callers: { depot: { san: ['DNS:a', 'DNS:b'], scopes: 'orders:read', roles: ['x'], tenant: 't', quota: 'q' } },
    });
    expect(readCertificateFile(text)).toEqual([
      {
        caller: 'depot',
        thumbprints: [],
        names: ['DNS:a', 'DNS:b'],
        subjects: [],
        scopes: ['orders:read'],
        roles: ['x'],
        tenant: 't',
        quota: 'q',
      },
    ]);
  });

  it.each([
    ['[]', 'it is not an object with an object "callers"'],
    ['{"callers": []}', 'it is not an object with an object "callers"'],
    ['{"callers": {"a": {}}}', 'the caller "a" has no certificate; give "thumbprint", "san" or "subject"'],
    ['{"callers": {"a": {"san": [1]}}}', 'the caller "a": "san" is no text and no list of texts'],
    ['{"callers": {"a": {"san": "a.example"}}}', 'the caller "a": "a.example" has no kind; write "DNS:a.example"'],
    ['{"callers": {"a": {"thumbprint": "ab:cd"}}}', 'the caller "a": "ab:cd" is no SHA-256 thumbprint'],
    ['{"callers": {"a": {"san": "DNS:a", "quota": 1}}}', 'the caller "a": "quota" is no text'],
  ])('is refused where it is %s', (text, message) => {
    expect(() => readCertificateFile(text)).toThrow(message);
  });

  it('has records of the policy beside it, in the same form', () => {
    expect(certificateRecord('a', { subject: ['CN=a, O=b'] })).toMatchObject({ subjects: ['CN=a,O=b'], scopes: [] });
  });
});
