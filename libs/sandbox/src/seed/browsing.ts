import { cursorPage, number, ok, optionalText, problem, text, texts, type Behaviour } from '../model/behaviour.js';
import { randomOf } from '../patterns/random.js';
import { categories, products, productsById, stock, type Product } from './catalogue.js';
import { addresses, paymentMethods, users } from './people.js';
import { orders } from './trade.js';
import { banners, opinions, pages, reviewers } from './words.js';

/** Upstreams that are only read: users, catalogue, inventory, reviews, recommendations, content. */
export const usersBehaviour: Behaviour = {
  getUser: ({ path }) => found(users.find(({ id }) => id === path['id'])),
  listAddresses: ({ path, query }) => {
    const all = addresses[text(path, 'id')];
    const purpose = query['purpose'];
    return found(
      all && { items: all.filter(({ purposes }) => purpose === undefined || purposes.some((p) => p === purpose)) },
    );
  },
  listPaymentMethods: ({ path }) => {
    const items = paymentMethods[text(path, 'id')];
    return found(items && { items });
  },
};

export const catalogueBehaviour: Behaviour = {
  listProducts: ({ query }) => {
    const ids = texts(query, 'ids');
    const below = categoriesBelow(optionalText(query, 'category'));
    const since = optionalText(query, 'updatedSince');
    const matches = products.filter(
      (product) =>
        (ids === undefined || ids.includes(product.id)) &&
        (below === undefined || below.has(product.categoryId)) &&
        (since === undefined || Date.parse(product.updatedAt) >= Date.parse(since)),
    );
    const page = cursorPage(matches, optionalText(query, 'cursor'), number(query, 'limit', 20));
    return page === undefined ? problem(422, 'The cursor is unknown') : ok(page);
  },
  getProduct: ({ path }) => found(productsById.get(text(path, 'id'))),
  searchProducts: ({ query }) => {
    const [minPrice, maxPrice] = [number(query, 'minPrice', 0), number(query, 'maxPrice', Number.MAX_SAFE_INTEGER)];
    if (minPrice > maxPrice) return problem(422, 'minPrice is above maxPrice');
    const words = text(query, 'q').toLowerCase().split(/\s+/).filter(Boolean);
    const below = categoriesBelow(optionalText(query, 'category'));
    const brands = texts(query, 'brand');
    const matches = products.filter(
      (product) =>
        words.every((word) => textOf(product).includes(word)) &&
        (below === undefined || below.has(product.categoryId)) &&
        (brands === undefined || brands.includes(product.brand)) &&
        product.price.amount >= minPrice &&
        product.price.amount <= maxPrice,
    );
    const [page, pageSize] = [number(query, 'page', 1), number(query, 'pageSize', 24)];
    return ok({
      items: inOrder(matches, query['sort'])
        .slice((page - 1) * pageSize, page * pageSize)
        .map(summaryOf),
      total: matches.length,
      page,
      pageSize,
      facets: [
        { name: 'brand', label: 'Brand', values: counts(matches.map(({ brand }) => brand)) },
        { name: 'category', label: 'Category', values: counts(matches.map(({ categoryId }) => categoryId)) },
      ],
      suggestion: matches.length === 0 ? 'headphones' : null,
    });
  },
  listCategories: () => ok({ items: categories.map(withCounts) }),
};

const stockBySku = new Map(stock.map((one) => [one.sku, one]));

export const inventoryBehaviour: Behaviour = {
  getStock: ({ path }) => found(stockBySku.get(text(path, 'sku'))),
  listStock: ({ query }) => {
    const skus = [...new Set(texts(query, 'skus'))];
    return ok({
      items: skus.flatMap((sku) => stockBySku.get(sku) ?? []),
      unknown: skus.filter((sku) => !stockBySku.has(sku)),
    });
  },
};

/** Number of pieces in stock; undefined for an article that does not exist. */
export const availableOf = (sku: string): number | undefined => stockBySku.get(sku)?.available;

export const reviewsBehaviour: Behaviour = {
  listReviews: ({ path, query }) => {
    const product = productsById.get(text(path, 'productId'));
    if (product === undefined) return missing;
    const all = reviewsOf(product).filter(({ stars }) => query['stars'] === undefined || stars === query['stars']);
    const [offset, limit] = [number(query, 'offset', 0), number(query, 'limit', 10)];
    const orderings = {
      HELPFUL: (a: Review, b: Review) => b.helpfulCount - a.helpfulCount,
      HIGHEST: (a: Review, b: Review) => b.stars - a.stars,
      LOWEST: (a: Review, b: Review) => a.stars - b.stars,
      NEWEST: (a: Review, b: Review) => b.createdAt.localeCompare(a.createdAt),
    };
    const sort = query['sort'];
    const ordering = orderings[sort === 'HELPFUL' || sort === 'HIGHEST' || sort === 'LOWEST' ? sort : 'NEWEST'];
    return ok({ items: all.toSorted(ordering).slice(offset, offset + limit), total: all.length, offset, limit });
  },
  getRatingSummary: ({ path }) => {
    const product = productsById.get(text(path, 'productId'));
    if (product === undefined) return missing;
    const stars = reviewsOf(product).map((review) => review.stars);
    const sum = stars.reduce((total, one) => total + one, 0);
    return ok({
      productId: product.id,
      average: stars.length === 0 ? null : Math.round((sum / stars.length) * 10) / 10,
      count: stars.length,
      histogram: [5, 4, 3, 2, 1].map((one) => ({ stars: one, count: stars.filter((star) => star === one).length })),
    });
  },
};

export const recommendationsBehaviour: Behaviour = {
  listRecommendations: ({ path, query }) => {
    const customerId = text(path, 'customerId');
    const bought = orders.find((order) => order.customerId === customerId)?.lines[0];
    const because = bought && { productId: bought.productId, name: bought.name };
    return recommendations(`for ${customerId}`, products, number(query, 'limit', 6), because);
  },
  listRelatedProducts: ({ path, query }) => {
    const product = productsById.get(text(path, 'productId'));
    if (product === undefined) return missing;
    const siblings = products.filter((other) => other !== product && other.categoryId === product.categoryId);
    return recommendations(`with ${product.id}`, siblings, number(query, 'limit', 6));
  },
};

export const contentBehaviour: Behaviour = {
  listBanners: ({ query }) =>
    ok(
      banners
        .filter(({ slot }) => query['slot'] === undefined || slot === query['slot'])
        .slice(0, number(query, 'limit', 20)),
    ),
  getPage: ({ path }) => found(pages.find(({ slug }) => slug === path['slug'])),
};

export const missing = problem(404, 'Resource not found', { code: 'NOT_FOUND' });

const found = (body: unknown) => (body === undefined ? missing : ok(body));

type Review = ReturnType<typeof reviewsOf>[number];

/** Always the same reviews for a product; the gift card has none. */
function reviewsOf(product: Product) {
  const random = randomOf(`reviews of ${product.id}`);
  const count = product.categoryId === 'gifts' ? 0 : 3 + random.integer(0, 12);
  return Array.from({ length: count }, (_, index) => {
    const stars = Math.min(5, 2 + random.integer(0, 4));
    const [title, words] = opinions[stars - 1] ?? opinions[0];
    const createdAt = new Date(Date.UTC(2026, 10, 20 - index * 11, random.integer(6, 22))).toISOString();
    return {
      id: `r-${product.id.slice(2)}-${index + 1}`,
      productId: product.id,
      author: random.pick(reviewers),
      stars,
      title,
      text: words,
      verified: random.integer(0, 3) > 0,
      helpfulCount: random.integer(0, 40),
      language: 'en',
      ...(stars < 3 && { reply: { text: 'Sorry to hear that. Please write to us.', createdAt } }),
      createdAt,
    };
  });
}

function recommendations(seed: string, candidates: readonly Product[], limit: number, because?: object) {
  const random = randomOf(seed);
  const items = candidates
    .filter(({ status }) => status === 'ACTIVE')
    .map((product) => ({ product, score: Math.round(random.next() * 1000) / 1000 }))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ product: { id, sku, name, brand, price, images }, score }) => {
      const reason = random.pick(['SIMILAR', 'POPULAR', 'NEW']);
      return { productId: id, sku, name, brand, price, images, reason, score };
    });
  const [best] = items;
  if (because !== undefined && best !== undefined) Object.assign(best, { reason: 'BOUGHT_TOGETHER', because });
  return ok({ items, model: 'neighbours-7', generatedAt: '2026-11-21T03:00:00Z' });
}

const textOf = ({ name, brand, description, categoryId, tags }: Product): string =>
  [name, brand, description, categoryId, ...tags].join(' ').toLowerCase();

const summaryOf = ({ id, sku, name, brand, status, price, listPrice, images }: Product) => ({
  id,
  sku,
  name,
  brand,
  status,
  price,
  listPrice,
  images,
});

function inOrder(found: readonly Product[], sort: unknown): readonly Product[] {
  if (sort === 'PRICE_ASCENDING') return found.toSorted((a, b) => a.price.amount - b.price.amount);
  if (sort === 'PRICE_DESCENDING') return found.toSorted((a, b) => b.price.amount - a.price.amount);
  return sort === 'NEWEST' ? found.toSorted((a, b) => b.releasedOn.localeCompare(a.releasedOn)) : found;
}

function counts(values: readonly string[]) {
  const byValue = Map.groupBy(values, (value) => value);
  return [...byValue]
    .map(([value, all]) => ({ value, label: value, count: all.length }))
    .toSorted((a, b) => b.count - a.count);
}

interface CategoryNode {
  readonly id: string;
  readonly name: string;
  readonly children: readonly CategoryNode[];
}

const idsBelow = (node: CategoryNode): string[] => [node.id, ...node.children.flatMap(idsBelow)];

/** The category and all below it; undefined where the request names none. */
function categoriesBelow(id: string | undefined): ReadonlySet<string> | undefined {
  if (id === undefined) return undefined;
  const find = (nodes: readonly CategoryNode[]): CategoryNode | undefined =>
    nodes.find((node) => node.id === id) ?? nodes.map((node) => find(node.children)).find(Boolean);
  const node = find(categories);
  return new Set(node === undefined ? [] : idsBelow(node));
}

function withCounts({ id, name, children }: CategoryNode): object {
  const below = categoriesBelow(id);
  const productCount = products.filter(({ categoryId }) => below?.has(categoryId)).length;
  return { id, name, productCount, children: children.map(withCounts) };
}
