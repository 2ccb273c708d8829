import { productsBySku } from './catalogue.js';
import type { Order } from './trade.js';

const hour = 3_600_000;

/** The state of an order decides where its parcel is. */
export function parcelOf(order: Order) {
  const begun = Date.parse(order.createdAt);
  const at = (hours: number): string => new Date(begun + hours * hour).toISOString();
  const { city, country, postalCode } = order.shippingAddress;
  const here = { city, country, postalCode };
  const hub = { city: 'Berlin', country: 'DE' };
  const steps = [
    { at: at(0), state: 'ANNOUNCED', place: null, note: 'The carrier knows of the parcel.' },
    { at: at(10), state: 'PACKED', place: hub, note: 'Packed and waiting for the carrier.' },
    { at: at(20), state: 'IN_TRANSIT', place: hub, note: 'On its way.' },
    { at: at(50), state: 'DELIVERED', place: here, note: 'Handed over.' },
    { at: at(400), state: 'RETURNED', place: hub, note: 'Back with us.' },
  ] as const;
  const reached = { PENDING: 1, PAID: 1, CANCELLED: 1, PACKED: 2, SHIPPED: 3, DELIVERED: 4, RETURNED: 5 }[order.status];
  const events = steps.slice(0, reached).toReversed();
  const trackingNumber = reached < 3 ? null : `GLS${order.id.slice(2)}0042DE`;
  return {
    id: order.parcelId,
    orderId: order.id,
    carrier: 'GLS',
    state: events[0]?.state ?? 'ANNOUNCED',
    trackingNumber,
    trackingUrl: trackingNumber === null ? null : `https://track.example/${trackingNumber}`,
    eta: order.status === 'CANCELLED' || reached > 3 ? null : at(50),
    deliveredAt: reached > 3 ? at(50) : null,
    weightGrams: order.lines.reduce(
      (sum, { sku, quantity }) => sum + (productsBySku.get(sku)?.weightGrams ?? 100) * quantity,
      0,
    ),
    ...(reached > 3 && { signedBy: order.shippingAddress.recipient }),
    events,
  };
}
