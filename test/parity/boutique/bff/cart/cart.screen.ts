import { at, compute, each, list, optional, orNull, pick, plan, required, screen } from '@frontage/aggregation';
import { convert } from '../../../libs/upstreams/currency/currency.gen.js';
import { listRecommendations } from '../../../libs/upstreams/recommendations/recommendations.gen.js';
import { getQuote } from '../../../libs/upstreams/shipping/shipping.gen.js';
import { getCart } from '../../../libs/upstreams/shop-cart/shop-cart.gen.js';
import { getProduct } from '../../../libs/upstreams/shop-products/shop-products.gen.js';
import { caller, Money, query, total } from '../shopper.js';

const maxCount = 100;

const cartPlan = plan('boutique.cart', { input: { caller, query }, deadlineMs: 2000 }, ({ caller, query }) => {
  const cart = required(getCart, { path: { userId: caller.subject } });
  const products = each(cart.items, (item) => required(getProduct, { path: { id: item.productId } }), { maxCount });
  const prices = each(
    products,
    (product) => required(convert, { body: { from: product.priceUsd, toCode: query.currency } }),
    { maxCount },
  );
  const quote = required(getQuote, { body: { items: cart.items } });
  const shippingCost = required(convert, { body: { from: quote.costUsd, toCode: query.currency } });
  const productIds = list(cart.items, (item) => item.productId);
  const suggested = optional(
    listRecommendations,
    { body: { userId: caller.subject, productIds } },
    { timeoutMs: 300, fallback: { productIds: [] } },
  );
  const suggestions = each(suggested.productIds, (id) => optional(getProduct, { path: { id } }), { maxCount: 4 });
  return { cart, products, prices, quote, shippingCost, suggested, suggestions };
});

export const cartScreen = screen(cartPlan, ({ cart, products, prices, shippingCost, suggestions }) => ({
  items: list(cart.items, (item, index) => ({
    quantity: item.quantity,
    product: pick(at(products, index), 'id', 'name', 'picture'),
    cost: compute(Money.nullable(), { price: at(prices, index), quantity: item.quantity }, ({ price, quantity }) =>
      price ? total(price.currencyCode, [price, quantity]) : null,
    ),
  })),
  shippingCost,
  total: compute(Money, { items: cart.items, prices, shippingCost }, ({ items, prices, shippingCost }) => {
    const costs = prices.map((price, index) => [price, items[index]?.quantity ?? 0] as const);
    return total(shippingCost.currencyCode, [shippingCost, 1], ...costs);
  }),
  recommendations: list(suggestions, (product) => orNull(pick(product, 'id', 'name', 'picture'))),
}));
