import type { Tile } from '../../libs/upstreams/workload/workload.gen.js';
import type { ByHand } from '../by-hand.js';
import { tileIds } from './answers.js';

export function tiles(count: number): ByHand {
  const paths = tileIds(count).map((id) => `/tiles/${id}`);
  return async (get) => {
    const tiles = await Promise.all(paths.map((path) => get<Tile>(path)));
    return { tiles: tiles.map((x) => ({ id: x.id, title: x.title, image: x.image, price: x.price })) };
  };
}
