import { z } from 'zod';
import { proxy } from './network.schema.js';
import { address, choice, duration, secret, text, whole } from './values/fields.js';

export const headerName = { expected: 'the name of a header field', matches: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/ };

export const apiKeys = z
  .strictObject({
    header: text('Header field that holds the key and nothing else.', headerName).prefault('x-api-key'),
    file: text(
      'File of the keys, from the folder of this policy. It is written by `frontage keys`, holds hashes only, and is read again when it changes. Left out: the keys are in `redis`.',
    ).optional(),
    reload: duration(
      'Time between two looks for changed keys: a revoked key is refused after this at most.',
      '100ms',
      '1h',
    ).prefault('2s'),
    cache: duration(
      'A verified key is accepted for this long without verifying it again, unless the keys change.',
      '0ms',
      '1m',
    ).prefault('1m'),
  })
  .meta({ description: 'Keys of partners.' });

export const dpopOfIssuer = choice(
  'Tokens that are bound to a key (`cnf.jkt`, RFC 9449): `accepted` takes them with a proof of the key, beside tokens that are bound to nothing; `required` takes no others. Left out, they are refused.',
  ['accepted', 'required'],
);

export const dpop = z
  .strictObject({
    url: address(
      'Address of this app as its clients have it, with the path that a proxy removes, such as `https://shop.acme.example`. Proofs name it in `htu`; the field `Host` is not asked.',
      { protocols: ['http:', 'https:'], base: true },
    ),
    maxAge: duration('Longest time since `iat` of a proof. A proof is taken once.', '1s', '5m').prefault('1m'),
    maxProofs: whole(
      'Proofs that are remembered, in each process. Beyond that, the oldest ones are forgotten, and proofs that are as old are refused.',
      1_000,
      10_000_000,
    ).prefault(100_000),
  })
  .meta({ description: 'Proofs of the keys that tokens are bound to (RFC 9449): see `docs/access.md`.' });

export const opa = z
  .strictObject({
    url: address('Base address of the agent, such as `http://127.0.0.1:8181`.', {
      protocols: ['http:', 'https:'],
      base: true,
    }),
    proxy: proxy("In place of the app's `proxy`, for the agent.").optional(),
    path: text('Path of the rule in its documents, below `/v1/data/`: `shop/access`.', {
      expected: 'a path such as shop/access',
      matches: /^[A-Za-z0-9_.~-]+(?:\/[A-Za-z0-9_.~-]+)*$/,
    }),
    token: secret('Bearer token that the agent asks for.').optional(),
    cache: duration('A decision is used for this long for the same request of the same caller.', '0ms', '1m').prefault(
      '5s',
    ),
    timeout: duration('For one question.', '1ms', '1m').prefault('500ms'),
  })
  .meta({
    description:
      'Open Policy Agent: asked about each request to a route that is not public, for all parts of its screen at once. Without a decision the request gets 503. See `docs/access.md`.',
  });
