import {
  at,
  indexBy,
  list,
  mapEnum,
  optional,
  pick,
  plan,
  required,
  screen,
  step,
  test,
  within,
} from '@frontage/aggregation';
import * as catalogue from '@frontage/upstreams/catalogue';
import * as content from '@frontage/upstreams/content';
import * as inventory from '@frontage/upstreams/inventory';
import { price } from '../money.js';
import { pictures } from '../pictures.js';
import { SearchQuery } from './search-query.js';

const pageSize = 24;

const searchPlan = plan('web.search', { input: { query: SearchQuery }, deadlineMs: 1000 }, ({ query }) => {
  const found = required(catalogue.searchProducts, {
    query: { q: query.q, category: query.category, brand: query.brand, sort: query.sort, page: query.page, pageSize },
  });
  const skus = step({ items: found.items }, ({ items }) => items.map(({ sku }) => sku));
  const isAnyFound = step({ items: found.items }, ({ items }) => items.length > 0);
  const stock = optional(
    inventory.listStock,
    { query: { skus } },
    { when: isAnyFound, timeoutMs: 300, fallback: { items: [], unknown: [] } },
  );
  const banners = optional(
    content.listBanners,
    { query: { slot: 'SEARCH', limit: 1 } },
    { timeoutMs: 200, fallback: [] },
  );
  return { found, stock, banners };
});

export const searchScreen = screen(searchPlan, ({ found, stock, banners }, { query }) => {
  const stockBySku = indexBy(stock.items, 'sku');
  return {
    ...pick(found, 'total', 'page', 'pageSize', 'suggestion'),
    products: list(found.items, (product) => ({
      ...pick(product, 'id', 'sku', 'name', 'brand'),
      price: price(product.price),
      listPrice: within(product.listPrice, price),
      images: pictures(product.images),
      stock: mapEnum(
        at(stockBySku, product.sku).state,
        { IN_STOCK: 'in stock', LOW: 'few left', BACKORDER: 'later', OUT_OF_STOCK: 'sold out' },
        null,
      ),
    })),
    filters: list(found.facets, (facet) => ({
      ...pick(facet, 'name', 'label'),
      options: list(facet.values, (option) => ({
        ...pick(option, 'value', 'label', 'count'),
        isChosen: test(
          { filter: facet.name, value: option.value, brands: query.brand, category: query.category },
          ({ filter, value, brands, category }) => (filter === 'brand' ? brands.includes(value) : category === value),
        ),
      })),
    })),
    banners: list(banners, (banner) => ({ ...pick(banner, 'id', 'title', 'target'), images: pictures(banner.images) })),
  };
});
