import { randomBytes } from 'node:crypto';
import { systemClock } from '@frontage/core';
import { test } from 'vitest';
import { fixedKeys, LiveKeys } from './records/live-keys.js';
import { nameOf, SealedRecords } from './records/sealed-records.js';
import { recordVersion } from './records/session-record.js';
import { Sessions } from './sessions.js';
import { MemorySessions } from './stores/memory-sessions.js';

/** Run with `npx vitest bench libs/sessions`. The way of a request with a session in memory, from its cookie to the caller. */
test('the caller of a session', async ({ bench }) => {
  const clock = systemClock;
  const keys = fixedKeys(['k'.repeat(44)]);
  const store = new MemorySessions(10, clock);
  const sessions = new Sessions(
    {
      app: 'shop',
      url: 'https://shop.example',
      providers: [
        {
          name: 'main',
          issuer: 'https://id.example',
          clientId: 'shop',
          clientSecret: 'secret',
          scopes: ['home:read'],
          subjectPrefix: '',
          rolesClaim: ['roles'],
          tenantClaim: 'tenant',
          claims: {},
          timeoutMs: 1_000,
        },
      ],
      keys,
      idleMs: 1_800_000,
      lifetimeMs: 43_200_000,
      refreshAheadMs: 60_000,
      csrfHeader: 'x-csrf',
      navigation: 'refuse',
      afterLogout: '/',
      clock,
    },
    store,
  );
  await sessions.start();
  const live = new LiveKeys(keys, 'shop', clock);
  await live.start();
  const records = new SealedRecords(store, live);
  const id = randomBytes(32).toString('base64url');
  const now = clock.wallTime();
  const token = 't'.repeat(800);
  const record = {
    version: recordVersion,
    leastReader: 1,
    provider: 'main',
    claims: { sub: 'ada', acr: 'mfa', auth_time: 1_700_000_000, roles: ['staff'], email: 'ada@example.test' },
    scopes: ['home:read', 'cart:write'],
    accessToken: token,
    refreshToken: token,
    receivedAt: now,
    expiresAt: now + 3_600_000,
    loggedInAt: now,
    endsAt: now + 43_200_000,
  };
  const times = { idleMs: 1_800_000, lifetimeMs: 43_200_000, groups: [] };
  await records.create(nameOf(id), record, times);
  const request = {
    method: 'GET',
    headers: { cookie: `a=b; __Host-shop-session=${id}; theme=dark`, 'x-csrf': '1', 'sec-fetch-site': 'same-origin' },
  };
  await bench('its cookie', () => void sessions.place.read(request)).run();
  await bench('its cookie, record and caller', async () => {
    await sessions.prove(sessions.place.read(request) ?? '');
  }).run();
  await bench('its record, decrypted', async () => {
    await records.read(nameOf(id), now);
  }).run();
  sessions.stop();
  live.stop();
});
