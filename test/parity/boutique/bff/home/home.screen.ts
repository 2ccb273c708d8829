import { at, each, list, optional, orElse, pick, plan, required, screen, sum } from '@frontage/aggregation';
import { getAds } from '../../../libs/upstreams/ads/ads.gen.js';
import { convert, listCurrencies } from '../../../libs/upstreams/currency/currency.gen.js';
import { getCart } from '../../../libs/upstreams/shop-cart/shop-cart.gen.js';
import { listProducts } from '../../../libs/upstreams/shop-products/shop-products.gen.js';
import { caller, query } from '../shopper.js';

const homePlan = plan('boutique.home', { input: { caller, query }, deadlineMs: 2000 }, ({ caller, query }) => {
  const currencies = required(listCurrencies, {});
  const catalogue = required(listProducts, {});
  const cart = required(getCart, { path: { userId: caller.subject } });
  const prices = each(
    catalogue.products,
    (product) => required(convert, { body: { from: product.priceUsd, toCode: query.currency } }),
    { maxCount: 100 },
  );
  const ads = optional(getAds, { body: { contextKeys: [] } }, { timeoutMs: 300 });
  return { currencies, catalogue, cart, prices, ads };
});

export const homeScreen = screen(homePlan, ({ currencies, catalogue, cart, prices, ads }) => ({
  currencies: currencies.currencyCodes,
  cartSize: sum(list(cart.items, (item) => item.quantity)),
  products: list(catalogue.products, (product, index) => ({
    ...pick(product, 'id', 'name', 'picture'),
    price: at(prices, index),
  })),
  ads: orElse(
    list(ads.ads, (ad) => pick(ad, 'text', 'redirectUrl')),
    [],
  ),
}));
