import { z } from 'zod';
import { proxy } from './network.schema.js';
import { address, duration, secret, text } from './values/fields.js';

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
