import type { Parcel, ParcelList } from '../../libs/upstreams/workload/workload.gen.js';
import type { Get } from '../by-hand.js';

export async function each20(get: Get): Promise<object> {
  const { items } = await get<ParcelList>('/parcels');
  const parcels = await Promise.all(
    items.slice(0, 20).map(({ parcelId }) => get<Parcel>(`/parcels/${encodeURIComponent(parcelId)}`)),
  );
  return {
    labels: items.map(({ label }) => label),
    parcels: parcels.map((x) => ({
      id: x.id,
      state: x.state,
      eta: x.eta,
      carrier: { name: x.carrier.name, phone: x.carrier.phone },
    })),
  };
}
