import { StubUpstream } from '../stub-upstream.js';
import type { Basket, BasketItem } from '../libs/upstreams/basket/basket.gen.js';
import type { CatalogItem } from '../libs/upstreams/catalog/catalog.gen.js';

/** The size of a page of the catalogue; a request for more ids gets no more. */
const pageSize = 10;
const catalogCount = 40;

const itemOf = (id: number): CatalogItem => ({
  id,
  name: id === 1 ? '.NET Bot Black Hoodie' : `Article ${id}`,
  price: id === 1 ? 19.5 : id,
  pictureUri: `http://shop.example/${id}/pic/`,
});

/** A line as it stands in a basket. */
export const lineOf = (
  id: string,
  productId: number,
  quantity: number,
  changes: Partial<BasketItem> = {},
): BasketItem => {
  const { name: productName, price: unitPrice, pictureUri: pictureUrl } = itemOf(productId);
  return { id, productId, productName, unitPrice, oldUnitPrice: 0, quantity, pictureUrl, ...changes };
};

/** The services behind the shopping aggregators, with what is in the baskets. */
export class ShopServices {
  readonly baskets: Map<string, Basket>;
  readonly basket: StubUpstream;
  readonly catalog: StubUpstream;
  readonly ordering: StubUpstream;

  private constructor(
    baskets: Map<string, Basket>,
    services: { readonly basket: StubUpstream; readonly catalog: StubUpstream; readonly ordering: StubUpstream },
  ) {
    this.baskets = baskets;
    this.basket = services.basket;
    this.catalog = services.catalog;
    this.ordering = services.ordering;
  }

  static async start(): Promise<ShopServices> {
    const baskets = new Map<string, Basket>();
    const exists = (id: number): boolean => id >= 1 && id <= catalogCount;
    const [basket, catalog, ordering] = await Promise.all([
      StubUpstream.start({
        'GET /api/v1/basket/{id}': ({ params: [id = ''] }) => {
          const found = baskets.get(id);
          return found === undefined ? { status: 404 } : { status: 200, body: found };
        },
        'POST /api/v1/basket': ({ body }) => {
          // The service believes its caller, as the real one does.
          const saved = body as Basket;
          baskets.set(saved.buyerId, saved);
          return { status: 200, body: saved };
        },
      }),
      StubUpstream.start({
        'GET /api/v1/catalog/items/{id}': ({ params: [id] }) =>
          exists(Number(id)) ? { status: 200, body: itemOf(Number(id)) } : { status: 404 },
        'GET /api/v1/catalog/items': ({ query }) => {
          const ids = (query.get('ids') ?? '').split(',').map(Number);
          return { status: 200, body: ids.filter(exists).slice(0, pageSize).map(itemOf) };
        },
      }),
      StubUpstream.start({
        'POST /api/v1/orders/draft': ({ body }) => {
          const { items } = body as Basket;
          const orderItems = items.map(({ productId, productName, unitPrice, quantity, pictureUrl }) => {
            return { productId, productName, unitPrice, discount: 0, units: quantity, pictureUrl };
          });
          const total = items.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0);
          return { status: 200, body: { total, orderItems } };
        },
      }),
    ]);
    return new ShopServices(baskets, { basket, catalog, ordering });
  }

  get all(): { readonly basket: StubUpstream; readonly catalog: StubUpstream; readonly ordering: StubUpstream } {
    const { basket, catalog, ordering } = this;
    return { basket, catalog, ordering };
  }

  /** The number of requests that reached a service. */
  get requestCount(): number {
    return Object.values(this.all).reduce((sum, { requests }) => sum + requests.length, 0);
  }

  reset(): void {
    this.baskets.clear();
    for (const service of Object.values(this.all)) service.reset();
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.all).map((service) => service.stop()));
  }
}
