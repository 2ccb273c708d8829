import type { createGateway } from '@frontage/gateway';
import { MobileModule } from '../../apps/mobile/src/mobile.module.js';
import { PartnerModule } from '../../apps/partner/src/partner.module.js';
import { WebModule } from '../../apps/web/src/web.module.js';

/** A request to a route that its right caller may make. */
export interface MatrixRow {
  /** With the values of its parameters. @default the route */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface MatrixApp {
  readonly name: string;
  readonly module: Parameters<typeof createGateway>[0];
  /** The caller whose orders, carts and addresses the rows name, and another one. */
  readonly owner: string;
  readonly other: string;
  /** By method and template: `GET /orders/:id`. A public route needs none. */
  readonly rows: Readonly<Record<string, MatrixRow>>;
}

/** Every app of this workspace, with a request for each of its routes. */
export const matrixApps: readonly MatrixApp[] = [
  {
    name: 'mobile',
    module: MobileModule,
    owner: 'ada',
    other: 'grace',
    rows: {
      'GET /home': {},
      'GET /products/:id': { path: '/products/p-101' },
      'GET /cart': {},
      'POST /cart/items': { body: { sku: 'SKU-205' } },
      'GET /orders/:id': { path: '/orders/o-1006' },
    },
  },
  {
    name: 'web',
    module: WebModule,
    owner: 'grace',
    other: 'ada',
    rows: {
      'GET /home': {},
      'GET /products/:id': { path: '/products/p-101' },
      'GET /search': { path: '/search?q=phone&brand=Orbit&sort=cheapest' },
      'GET /account': {},
      'POST /checkout': { body: { addressId: 'ad-grace-1', paymentMethodId: 'pm-grace-1' } },
    },
  },
  {
    name: 'partner',
    module: PartnerModule,
    owner: 'acme',
    other: 'ada',
    rows: {
      'GET /v1/products': { path: '/v1/products?limit=5&category=office' },
      'GET /v1/stock': { path: '/v1/stock?skus=SKU-101,SKU-105' },
      'GET /v1/orders': { path: '/v1/orders?status=delivered' },
      'GET /v1/orders/:id': { path: '/v1/orders/o-1010' },
      'POST /v1/orders': {
        headers: { 'idempotency-key': 'matrix-1' },
        body: { lines: [{ sku: 'SKU-304', quantity: 3 }], addressId: 'ad-acme-1', reference: 'PO-5001' },
      },
    },
  },
];
