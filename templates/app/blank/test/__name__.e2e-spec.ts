import { AppUnderTest } from '@frontage/testing/app-under-test';
import { egressTable } from '@frontage/testing/egress-table';
import { endpointSuite } from '@frontage/testing/endpoint-suite';
import { expectPinned } from '@frontage/testing/pinned-document';
import { routeTable } from '@frontage/testing/route-table';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { __Name__Module } from '../src/__name__.module.js';

let app: AppUnderTest;

beforeAll(async () => {
  app = await AppUnderTest.start(__Name__Module, {
    bff: '__name__',
    config: fileURLToPath(new URL('../bff.yaml', import.meta.url)),
    upstreams: [],
  });
});
afterAll(() => app.stop());

describe('the __name__ app', () => {
  endpointSuite(() => app, [{ route: 'GET /home', scope: 'home:read' }]);

  it('has the routes that were reviewed', async () => {
    await expect(routeTable(app.description)).toMatchFileSnapshot('../routes.gen.md');
  });

  it('sends the classified members that were reviewed', async () => {
    await expect(egressTable(app.description)).toMatchFileSnapshot('../egress.gen.md');
  });

  it('promises its clients what was reviewed', async () => {
    await expectPinned(app.document, new URL('../openapi.gen.json', import.meta.url));
  });
});
