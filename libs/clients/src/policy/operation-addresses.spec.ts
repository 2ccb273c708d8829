import { describe, expect, it } from 'vitest';
import { operation } from '../fixtures/operations.js';
import { ownAddressesOf } from './operation-addresses.js';
import { resolveUpstreamOptions, type UpstreamOptions } from './upstream.options.js';

const upload = operation({ id: 'upload', servers: ['https://content.files.example/2'] });
const credentials = { header: 'x-api-key', value: 'k' };
const own = (options: Partial<UpstreamOptions>, info = upload) =>
  ownAddressesOf(info, resolveUpstreamOptions('files', { urls: ['https://api.files.example/2'], ...options }));

describe('an operation that its contract serves elsewhere', () => {
  it('is refused where policy does not say what to do', () => {
    expect(() => own({})).toThrow(
      'orders.upload: the contract serves it at https://content.files.example/2; give operations.upload.urls',
    );
  });

  it('is sent to the addresses that policy gives it, with the secrets of the upstream', () => {
    const given = own({
      credentials,
      forwardAuthorization: true,
      operations: { upload: { urls: ['https://content.test/v2/'] } },
    });
    expect(given).toEqual({
      addresses: [{ origin: 'https://content.test', prefix: '/v2' }],
      credentials,
      forwardAuthorization: true,
      sources: [],
    });
  });

  it('is sent to the servers of its contract where policy says so, without secrets', () => {
    expect(own({ contractServers: 'use', credentials, forwardAuthorization: true })).toEqual({
      addresses: [{ origin: 'https://content.files.example', prefix: '/2' }],
      forwardAuthorization: false,
      sources: [],
    });
  });

  it('keeps the secrets where the contract only has another path at an address of the upstream', () => {
    for (const servers of [['/3'], ['../3'], ['https://api.files.example/3/']]) {
      expect(own({ contractServers: 'use', credentials }, { ...upload, servers })).toEqual({
        addresses: [{ origin: 'https://api.files.example', prefix: '/3' }],
        credentials,
        forwardAuthorization: false,
        sources: [],
      });
    }
  });

  it.each(['https://{region}.files.example', 'ftp://files.example', 'https://user:word@files.example'])(
    'is refused where the server of the contract is no base address: %s',
    (server) => {
      expect(() => own({ contractServers: 'use' }, { ...upload, servers: [server] })).toThrow(
        'servers of the contract',
      );
    },
  );

  it('is sent to the upstream where policy ignores the servers of the contract, or the contract has none', () => {
    expect(own({ contractServers: 'ignore' })).toBeUndefined();
    expect(own({}, operation())).toBeUndefined();
  });
});
