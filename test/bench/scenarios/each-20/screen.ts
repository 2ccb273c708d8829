import { each, list, pick, plan, required, screen } from '@frontage/aggregation';
import * as workload from '../../libs/upstreams/workload/workload.gen.js';

const parcelsPlan = plan('bench.each-20', { deadlineMs: 10_000 }, () => {
  const list = required(workload.listParcels, {});
  const parcels = each(list.items, (item) => required(workload.getParcel, { path: { id: item.parcelId } }), {
    maxCount: 20,
    concurrency: 20,
  });
  return { list, parcels };
});

export const each20Screen = screen(parcelsPlan, (parts) => ({
  labels: list(parts.list.items, (item) => item.label),
  parcels: list(parts.parcels, (parcel) => pick(parcel, 'id', 'state', 'eta', 'carrier')),
}));
