import type { Catalogue } from '../../libs/upstreams/workload/workload.gen.js';
import type { Get } from '../by-hand.js';

export async function bytes100k(get: Get): Promise<object> {
  const { items } = await get<Catalogue>('/catalogue');
  return {
    products: items.map((x) => ({ id: x.id, title: x.title, price: x.price, image: x.image, rating: x.rating })),
  };
}
