import { describe, expect, it } from 'vitest';
import { describedApp } from '../fixtures/described-app.js';
import type { DescribedApp } from '../usage/described-apps.js';
import { egressRows, egressText } from './egress.js';

const [home, ...others] = describedApp.endpoints;
if (home?.screen === undefined) throw new Error('the app has no screen');
const field = { part: 'profile', upstream: 'users', operation: 'getUser' };
const without = { profile: 'a problem comes instead of the page' };
const app: DescribedApp = {
  name: 'tv',
  app: {
    ...describedApp,
    endpoints: [
      {
        ...home,
        screen: {
          ...home.screen,
          origins: [
            { member: 'name', expression: 'profile.name', from: [{ ...field, field: 'name' }], without, classification: 'pii' },
            { member: 'card', expression: 'profile.card', from: [{ ...field, field: 'card' }], without, classification: 'confidential, pii' },
            { member: 'points', expression: 'profile.points', from: [{ ...field, field: 'points' }], without },
          ],
        },
      },
      ...others,
    ],
  },
}; // prettier-ignore

describe('classified members that leave', () => {
  it('stand in a block per endpoint with its access rule', () => {
    expect(egressText(egressRows(app))).toBe(
      'tv  GET /home  scope home:read, one of the roles viewer, guest\n  name  pii                users.getUser name\n  card  confidential, pii  users.getUser card\n',
    );
  });

  it('are chosen by one of their classes', () => {
    expect(egressRows(app, 'confidential').map(({ member }) => member)).toEqual(['card']);
    expect(egressText(egressRows(app, 'secret'))).toBe('no classified member leaves by any of these apps\n');
  });
});
