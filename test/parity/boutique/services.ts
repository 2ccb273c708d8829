import { StubUpstream } from '../stub-upstream.js';

export interface Money {
  readonly currencyCode: string;
  readonly units: number;
  readonly nanos: number;
}

interface CartItem {
  readonly productId: string;
  readonly quantity: number;
}

type Product = ReturnType<typeof productOf>;

const usd = (units: number, nanos: number): Money => ({ currencyCode: 'USD', units, nanos });
const productOf = (id: string, name: string, priceUsd: Money, ...categories: string[]) => {
  return { id, name, description: `${name}.`, picture: `/static/img/products/${id}.jpg`, priceUsd, categories };
};

export const products: readonly [Product, Product, Product, Product] = [
  productOf('OLJCESPC7Z', 'Sunglasses', usd(19, 990_000_000), 'accessories'),
  productOf('66VCHSJNUP', 'Tank Top', usd(18, 990_000_000), 'clothing', 'tops'),
  productOf('1YMWWN1N4O', 'Watch', usd(109, 990_000_000), 'accessories'),
  productOf('L9ECAV7KIM', 'Loafers', usd(89, 990_000_000), 'footwear'),
];

/** To the euro, by the rates of the currency service; it has few of them here. */
const rates: Readonly<Record<string, number>> = { EUR: 1, USD: 2, JPY: 100 };

export const convert = ({ currencyCode, units, nanos }: Money, toCode: string): Money => {
  const amount = ((units * 1e9 + nanos) / (rates[currencyCode] ?? 1)) * (rates[toCode] ?? 1);
  return { currencyCode: toCode, units: Math.trunc(amount / 1e9), nanos: Math.trunc(amount % 1e9) };
};

/** The services behind the shop's frontend and its checkout. */
export class BoutiqueServices {
  readonly carts = new Map<string, CartItem[]>();
  readonly all: Readonly<
    Record<
      'shop-products' | 'currency' | 'shop-cart' | 'recommendations' | 'shipping' | 'payment' | 'ads' | 'emails',
      StubUpstream
    >
  >;

  private constructor(all: BoutiqueServices['all'], carts: Map<string, CartItem[]>) {
    this.all = all;
    this.carts = carts;
  }

  static async start(): Promise<BoutiqueServices> {
    const carts = new Map<string, CartItem[]>();
    const all = {
      'shop-products': await StubUpstream.start({
        'GET /products': () => ({ status: 200, body: { products } }),
        'GET /products/{id}': ({ params: [id] }) => {
          const body = products.find((product) => product.id === id);
          return body === undefined ? { status: 404 } : { status: 200, body };
        },
      }),
      currency: await StubUpstream.start({
        'GET /currencies': () => ({ status: 200, body: { currencyCodes: Object.keys(rates) } }),
        'POST /convert': ({ body }) => {
          const { from, toCode } = body as { readonly from: Money; readonly toCode: string };
          return { status: 200, body: convert(from, toCode) };
        },
      }),
      'shop-cart': await StubUpstream.start({
        'GET /carts/{user}': ({ params: [userId = ''] }) => {
          return { status: 200, body: { userId, items: carts.get(userId) ?? [] } };
        },
        'DELETE /carts/{user}': ({ params: [userId = ''] }) => {
          carts.delete(userId);
          return { status: 204 };
        },
        'POST /carts/{user}/items': ({ params: [userId = ''], body }) => {
          carts.set(userId, [...(carts.get(userId) ?? []), body as CartItem]);
          return { status: 204 };
        },
        'DELETE /carts/{user}/items/{product}': ({ params: [userId = '', productId] }) => {
          carts.set(
            userId,
            (carts.get(userId) ?? []).filter((item) => item.productId !== productId),
          );
          return { status: 204 };
        },
      }),
      recommendations: await StubUpstream.start({
        'POST /recommendations': ({ body }) => {
          const { productIds } = body as { readonly productIds: readonly string[] };
          const others = products.filter(({ id }) => !productIds.includes(id));
          return { status: 200, body: { productIds: others.slice(0, 4).map(({ id }) => id) } };
        },
      }),
      shipping: await StubUpstream.start({
        'POST /quotes': ({ body }) => {
          const { items } = body as { readonly items: readonly CartItem[] };
          return { status: 200, body: { costUsd: items.length === 0 ? usd(0, 0) : usd(8, 990_000_000) } };
        },
        'POST /shipments': () => ({ status: 200, body: { trackingId: 'AB-12345-678901' } }),
      }),
      payment: await StubUpstream.start({
        'POST /charges': ({ body }) => {
          const { creditCard } = body as { readonly creditCard: { readonly number: string } };
          if (creditCard.number.startsWith('3')) {
            const message = 'Sorry, we cannot process amex credit cards. Only VISA or MasterCard is accepted.';
            return { status: 400, body: { code: 'UNACCEPTED_TYPE', message, stack: 'at charge.js:54' } };
          }
          return { status: 200, body: { transactionId: 'b5ad14f7' } };
        },
      }),
      ads: await StubUpstream.start({
        'POST /ads': ({ body }) => {
          const { contextKeys } = body as { readonly contextKeys: readonly string[] };
          const ads = contextKeys.map((key) => ({ redirectUrl: `/product/${key}`, text: `More ${key}` }));
          return { status: 200, body: { ads } };
        },
      }),
      emails: await StubUpstream.start({ 'POST /confirmations': () => ({ status: 204 }) }),
    };
    return new BoutiqueServices(all, carts);
  }

  reset(): void {
    this.carts.clear();
    for (const service of Object.values(this.all)) service.reset();
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.all).map((service) => service.stop()));
  }
}
