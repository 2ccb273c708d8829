import { pick, plan, required, screen } from '@frontage/aggregation';
import * as workload from '../../libs/upstreams/workload/workload.gen.js';
import { tileIds } from './answers.js';

/** A screen of `count` calls that know nothing of each other. */
export function tilesScreen(count: number) {
  const tilesPlan = plan(`bench.tiles-${count}`, { deadlineMs: 10_000 }, () =>
    Object.fromEntries(tileIds(count).map((id) => [id, required(workload.getTile, { path: { id } })])),
  );
  return screen(tilesPlan, (tiles) => ({
    tiles: Object.values(tiles).map((tile) => pick(tile, 'id', 'title', 'image', 'price')),
  }));
}
