import { Agent } from 'node:http';
import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import { afterEach, expect, it, vi } from 'vitest';
import { Issuer, signingKey } from '../fixtures/issuer.js';
import { fetchKeysOver } from './jwks-fetch.js';
import { jwtSettings } from '../options/jwt.options.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

const settingsOf = (jwks: string) =>
  jwtSettings({ issuer: 'https://id.test', audience: 'bff', jwks, algorithms: ['RS256'], allowHttp: true });
const http = () => Promise.resolve(new HttpService(axios.create()));

it('asks the issuer over the given agent, which resolves its name', async () => {
  const issuer = await Issuer.start(await signingKey('one'));
  const names: string[] = [];
  const agent = new Agent({
    lookup: (name, _, done) => {
      names.push(name);
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    },
  });
  const url = issuer.jwks.replace('127.0.0.1', 'id.test');
  expect(await fetchKeysOver(http, settingsOf(url), { agent, isProxied: false })()).toHaveProperty('keys');
  expect(names).toEqual(['id.test']);
  await issuer.stop();
});

it('goes through the proxy of the agent, and never through one of the environment', async () => {
  const issuer = await Issuer.start(await signingKey('one'));
  const agent = new Agent({ proxyEnv: { HTTP_PROXY: issuer.origin } });
  // The issuer is the proxy here, and gets a request for the whole address.
  await fetchKeysOver(http, settingsOf('http://elsewhere.test/jwks.json'), { agent, isProxied: true })();
  expect(issuer.paths).toEqual(['http://elsewhere.test/jwks.json']);
  for (const name of ['http_proxy', 'HTTP_PROXY', 'all_proxy']) vi.stubEnv(name, 'http://127.0.0.1:1');
  expect(await fetchKeysOver(http, settingsOf(issuer.jwks))()).toHaveProperty('keys');
  await issuer.stop();
});
