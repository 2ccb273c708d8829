/** Parents are the unions of their kinds. Every line below `@ts-expect-error` must not compile, all others must. */
export const inheritanceUse = `
import type { Operation } from '@frontage/clients';
import { byKind, list, pick, plan, required, screen, write } from '@frontage/aggregation';
import { addVehicle, getGarage } from './libs/upstreams/garage/garage.gen.js';

type In<O> = O extends Operation<infer I, infer _O, infer _E, infer _M> ? I : never;
type Out<O> = O extends Operation<infer _I, infer R, infer _E, infer _M> ? R : never;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(..._: Same<A, B> extends true ? [] : ['not the same']): void => {};

declare const garage: Out<typeof getGarage>;
type Vehicle = (typeof garage.vehicles)[number];
same<Vehicle['drive'], 'electric' | 'ElectricVan' | 'pedals' | 'diesel'>();
declare const vehicle: Vehicle;
same<typeof vehicle.id, string>();
if (vehicle.drive === 'pedals') same<typeof vehicle.gears, number>();
if (vehicle.drive === 'ElectricVan') same<typeof vehicle.batteryKwh, number>();
// @ts-expect-error a bicycle has no battery
if (vehicle.drive === 'pedals') vehicle.batteryKwh;
// @ts-expect-error there is no such kind
if (vehicle.drive === 'steam') vehicle;
const { best, bought } = garage;
if (best !== null && best.drive === 'diesel') same<typeof best.axles, number | undefined>();
// A kind has its tag where it stands alone, too.
if (garage.newest !== undefined) same<typeof garage.newest.drive, 'pedals'>();
if (bought !== undefined && bought.drive === 'pedals') same<typeof bought.gears, number>();
const [event] = garage.events;
if (event?.type === 'created') same<typeof event.by, string>();

export const body: In<typeof addVehicle>['body'] = { id: '1', drive: 'pedals', gears: 3 };
// @ts-expect-error a bicycle needs gears
export const noGears: In<typeof addVehicle>['body'] = { id: '1', drive: 'pedals' };
// @ts-expect-error a truck has no gears
export const gearsOfTruck: In<typeof addVehicle>['body'] = { id: '1', drive: 'diesel', gears: 3 };

export const view = screen(
  plan('garage', { input: {}, deadlineMs: 500 }, () => ({
    garage: required(getGarage, {}),
    added: write(addVehicle, { body: { id: '1', drive: 'diesel', axles: 2 } }),
  })),
  ({ garage, added }) => ({
    added: pick(added, 'id', 'drive'),
    bought: list(garage.vehicles, (one) =>
      byKind(one, 'drive', {
        electric: (car) => pick(car, 'batteryKwh'),
        ElectricVan: (van) => pick(van, 'seats'),
        pedals: (bicycle) => pick(bicycle, 'gears'),
        diesel: (truck) => pick(truck, 'axles'),
      }),
    ),
    // @ts-expect-error a kind is forgotten
    wrong: list(garage.events, (each) => byKind(each, 'type', { created: (created) => pick(created, 'by') })),
  }),
);
`;
