import { StubUpstream, type StubRequest } from '../stub-upstream.js';

export const customerId = '57a98d98e4b00679b4a830b2';
export const order = { id: 'o-1', customerId, date: '2026-11-22T10:00:00.000+0000', total: 27.98 };

const links = (kind: string, id: string) => ({ [kind]: { href: `http://user/${kind}s/${id}` } });

/** The services behind the shop. Customers have one address and one card. */
export class SockServices {
  readonly user: StubUpstream;
  readonly orders: StubUpstream;
  readonly carts: StubUpstream;
  readonly catalogue: StubUpstream;

  private constructor(services: SockServices['all']) {
    this.user = services.user;
    this.orders = services.orders;
    this.carts = services.carts;
    this.catalogue = services.catalogue;
  }

  static async start(): Promise<SockServices> {
    const owned = (kind: 'address' | 'card', id: string) => ({
      status: 200,
      body: { _embedded: { [kind]: [{ id, _links: { self: { href: `http://user/${kind}s/${id}` } } }] } },
    });
    const [user, orders, carts, catalogue] = await Promise.all([
      StubUpstream.start({
        'GET /customers/{id}': ({ params: [id = ''] }) => ({
          status: 200,
          body: {
            id,
            username: 'Eve_Berger',
            _links: {
              ...links('customer', id),
              addresses: { href: `http://user/customers/${id}/addresses` },
              cards: { href: `http://user/customers/${id}/cards` },
            },
          },
        }),
        'GET /customers/{id}/addresses': () => owned('address', 'a-1'),
        'GET /customers/{id}/cards': () => owned('card', 'c-1'),
      }),
      StubUpstream.start({
        'POST /orders': ({ body }) =>
          hasAll(body, ['customer', 'address', 'card', 'items'])
            ? { status: 201, body: order }
            : {
                status: 406,
                body: { message: 'Invalid order request. Order requires customer, address, card and items.' },
              },
        'GET /orders/search/customerId': ({ query }: StubRequest) =>
          query.get('custId') === customerId
            ? { status: 200, body: { _embedded: { customerOrders: [order] } } }
            : { status: 404 },
      }),
      StubUpstream.start({ 'POST /carts/{customerId}/items': () => ({ status: 201, body: { id: 'i-1' } }) }),
      StubUpstream.start({
        'GET /catalogue/{id}': ({ params: [id] }) =>
          id === 'sock-1' ? { status: 200, body: { id, name: 'Holy', price: 99.99, imageUrl: [] } } : { status: 404 },
      }),
    ]);
    return new SockServices({ user, orders, carts, catalogue });
  }

  get all(): Readonly<Record<'user' | 'orders' | 'carts' | 'catalogue', StubUpstream>> {
    const { user, orders, carts, catalogue } = this;
    return { user, orders, carts, catalogue };
  }

  get requestCount(): number {
    return Object.values(this.all).reduce((sum, { requests }) => sum + requests.length, 0);
  }

  reset(): void {
    for (const service of Object.values(this.all)) service.reset();
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.all).map((service) => service.stop()));
  }
}

const hasAll = (body: unknown, names: readonly string[]): boolean =>
  typeof body === 'object' && body !== null && names.every((name) => name in body);
