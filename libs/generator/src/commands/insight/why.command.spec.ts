import { describe, expect, it } from 'vitest';
import { describedApp } from '../../fixtures/described-app.js';
import type { AppDescription, EndpointDescription } from '../../plan/app-description.js';
import { splitWords, whyMember } from './why.command.js';

const [home] = describedApp.endpoints;
if (home?.screen === undefined) throw new Error('the app has no screen');
const endpoint: EndpointDescription = {
  ...home,
  screen: {
    ...home.screen,
    origins: [
      {
        member: 'films[].label',
        expression: 'compute(films[].title, profile.name)',
        from: [
          { part: 'films', upstream: 'films', operation: 'listFilms', field: '[].title', use: 'computed' },
          { part: 'profile', upstream: 'users', operation: 'getUser', field: 'name', use: 'computed' },
        ],
        mayBe: ['null'],
        without: { films: 'films is null', profile: 'a problem comes instead of the page' },
        classification: 'pii',
      },
      { member: 'version', expression: '"2"', from: [], without: {} },
    ],
  },
};
const app: AppDescription = { ...describedApp, endpoints: [endpoint] };

describe('frontage why', () => {
  it('has a block for each call that a member is made of, with its age and its owner', () => {
    expect(whyMember(app, endpoint, 'films[].label').text).toMatchInlineSnapshot(`
      "films[].label of GET /home (tv)

        expression   compute(films[].title, profile.name)
        may be       null
        class        pii

        upstream     films.listFilms, GET /films
        field        [].title (computed with)
        part         films, optional
        without it   films is null
        age          up to 5 min
        owner        nobody: name one with x-owner in the overlay of the contract

        upstream     users.getUser, GET /users/{id}
        field        name (computed with)
        part         profile, required
        without it   a problem comes instead of the page
        age          that of the request
        owner        nobody: name one with x-owner in the overlay of the contract
      "
    `);
    expect(whyMember(app, endpoint, 'version').text).toMatchInlineSnapshot(`
      "version of GET /home (tv)

        made here    "2"
      "
    `);
  });

  it('lists all members where none is named, and says that it does not know those of a controller written by hand', () => {
    expect(whyMember(app, endpoint, undefined).text).toMatchInlineSnapshot(`
      "GET /home (tv)

        films[].label  films.listFilms [].title, users.getUser name  (pii)
        version        "2"
      "
    `);
    const { screen: _, ...byHand } = endpoint;
    expect(() => whyMember(app, byHand, 'a')).toThrow('GET /home is written by hand (HomeController.show)');
  });

  it.each([
    [['GET /home', 'orders[].total'], ['GET', '/home'], 'orders[].total'],
    [['GET', '/home', 'total'], ['GET', '/home'], 'total'],
    [['/home'], ['/home'], undefined],
  ])('takes the words %j', (words, ofEndpoint, member) => {
    expect(splitWords(words)).toEqual({ endpoint: ofEndpoint, member });
  });

  it.each([
    [['total'], 'total names no endpoint: write its method and path, such as GET /home'],
    [['/home', 'a', 'b'], 'a b is more than one member: ask for one at a time'],
  ])('refuses the words %j', (words, message) => {
    expect(() => splitWords(words)).toThrow(message);
  });
});
