import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord, recordVersion, type SessionRecord } from './session-record.js';

const record: SessionRecord = {
  version: recordVersion,
  leastReader: 1,
  provider: 'main',
  claims: { sub: 'ada' },
  scopes: ['home:read'],
  accessToken: 'access',
  receivedAt: 1,
  loggedInAt: 1,
  endsAt: 2,
};

describe('a record of a session', () => {
  it('of a later release is taken, with what is new in it, unless it says that it cannot be understood', () => {
    const later = { ...record, version: recordVersion + 1, device: { name: 'phone' } };
    expect(decodeRecord(encodeRecord(later))).toEqual(later);
    expect(decodeRecord(encodeRecord({ ...later, leastReader: recordVersion + 1 }))).toBeUndefined();
  });

  it('is none where a member is missing or of another type', () => {
    for (const name of Object.keys(record)) {
      for (const value of [undefined, null, {}, [''], ''])
        expect([name, decodeRecord(encodeRecord({ ...record, [name]: value }))]).toEqual([name, undefined]);
    }
    for (const name of ['expiresAt', 'refreshToken', 'idToken'])
      expect(decodeRecord(encodeRecord({ ...record, [name]: {} }))).toBeUndefined();
  });

  it('is none for other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeRecord(Buffer.from(bytes))).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(decodeRecord(Buffer.from(text))).toBeUndefined();
      }),
    );
  });
});
