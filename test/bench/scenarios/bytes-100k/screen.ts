import { list, pick, plan, required, screen } from '@frontage/aggregation';
import * as workload from '../../libs/upstreams/workload/workload.gen.js';

const cataloguePlan = plan('bench.bytes-100k', { deadlineMs: 10_000 }, () => ({
  catalogue: required(workload.listCatalogue, {}),
}));

export const bytes100kScreen = screen(cataloguePlan, ({ catalogue }) => ({
  products: list(catalogue.items, (product) => pick(product, 'id', 'title', 'price', 'image', 'rating')),
}));
