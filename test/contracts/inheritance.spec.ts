import { join } from 'node:path';
import { byKind, compileScreen, list, pick, plan, required, screen, type Screen } from '@frontage/aggregation';
import { SchemaTable, type Operation } from '@frontage/clients';
import { RequestContext } from '@frontage/context';
import { operationInfo, readContract } from '@frontage/contracts';
import { ContractSamples } from '@frontage/sandbox';
import { ManualClock, readResponse, reply, runScreen } from '@frontage/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { workspace } from './compile.js';

const document = join(workspace, 'test/contracts/fixtures/inheritance.yaml');
const contract = await readContract(document);

interface Electric {
  id: string;
  drive: 'electric';
  batteryKwh: number;
}
interface Van {
  id: string;
  drive: 'ElectricVan';
  batteryKwh: number;
  seats: number;
}
interface Bicycle {
  id: string;
  drive: 'pedals';
  gears: number;
}
interface Truck {
  id: string;
  drive: 'diesel';
  axles?: number;
}
type Vehicle = Electric | Van | Bicycle | Truck;
interface Garage {
  vehicles: Vehicle[];
  best: Vehicle | null;
  newest?: Bicycle;
  bought?: Bicycle | Truck;
  events: ({ type: 'created'; at?: string; by: string } | { type: 'closed'; at?: string; reason?: string })[];
}

function operation(): Operation<Record<never, never>, Garage, Record<never, never>, 'GET'> {
  const [description] = contract.operations;
  if (description === undefined) throw new Error('the contract has no operation');
  const schemas = new SchemaTable([...contract.schemas].map(([name, schema]) => [name, JSON.stringify(schema)]));
  const info = { ...operationInfo(description), contract: { upstream: 'garage', title: 'G', version: '1', schemas } };
  return { ...info, method: 'GET' };
}

const garagePlan = plan('garage', { input: {}, deadlineMs: 500 }, () => ({ garage: required(operation(), {}) }));
const whole = screen(garagePlan, ({ garage }) => ({ ...pick(garage, 'vehicles', 'best', 'events') }));
const byTag = screen(garagePlan, ({ garage }) => ({
  vehicles: list(garage.vehicles, (vehicle) =>
    byKind(vehicle, 'drive', {
      electric: ({ id, batteryKwh }) => ({ id, kind: 'electric', batteryKwh }),
      ElectricVan: ({ id, seats }) => ({ id, kind: 'van', seats }),
      pedals: ({ id, gears }) => ({ id, kind: 'bicycle', gears }),
      diesel: ({ id, axles }) => ({ id, kind: 'truck', axles }),
    }),
  ),
  best: byKind(garage.best, 'drive', {
    electric: (vehicle) => pick(vehicle, 'batteryKwh'),
    ElectricVan: (vehicle) => pick(vehicle, 'seats'),
    pedals: (vehicle) => pick(vehicle, 'gears'),
    diesel: (vehicle) => pick(vehicle, 'axles'),
  }),
  events: list(garage.events, (event) =>
    byKind(event, 'type', {
      created: (created) => pick(created, 'by'),
      closed: (closed) => pick(closed, 'reason'),
    }),
  ),
}));

const extra = { secret: 's' };
const vehicles = [
  { id: '1', drive: 'electric', batteryKwh: 50, ...extra },
  { id: '2', drive: 'ElectricVan', batteryKwh: 70, seats: 9, ...extra },
  { id: '3', drive: 'pedals', gears: 21, ...extra },
  { id: '4', drive: 'diesel', axles: 3, ...extra },
];
const events = [
  { type: 'created', at: '2026-01-01T00:00:00Z', by: 'ada', ...extra },
  { type: 'closed', reason: 'done', ...extra },
];

async function shown(of: Screen<unknown>, garage: unknown): Promise<unknown> {
  return readResponse(await runScreen(of, {}, { garage: reply(garage) }));
}

/** The same from the bytes of the upstream: a screen reads the members that it needs, or declines, and then all is parsed. */
async function shownAsBytes(of: Screen<unknown>, garage: unknown): Promise<unknown> {
  const bytes = Buffer.from(JSON.stringify(garage));
  const compiled = compileScreen(of, {
    clock: new ManualClock(),
    bind: (_, { readBody }) => {
      const value = readBody?.(bytes) ?? garage;
      return () => Promise.resolve({ ok: true, value });
    },
  });
  const made = await compiled.run({}, new RequestContext('request-1', 0, 'GET', '127.0.0.1', {}));
  return 'body' in made ? JSON.parse(made.body) : made;
}

describe('a response with inheritance', () => {
  it('keeps the members of each kind, and no others', async () => {
    const seen = await shown(whole, { vehicles, best: vehicles[3], events });
    expect(JSON.stringify(seen)).not.toContain('secret');
    expect(seen).toEqual(
      JSON.parse(JSON.stringify({ vehicles, best: vehicles[3], events }).replaceAll(',"secret":"s"', '')),
    );
  });

  it('is distinguished by its tag, which all kinds inherit', async () => {
    expect(await shown(byTag, { vehicles, best: vehicles[0], events })).toEqual({
      vehicles: [
        { id: '1', kind: 'electric', batteryKwh: 50 },
        { id: '2', kind: 'van', seats: 9 },
        { id: '3', kind: 'bicycle', gears: 21 },
        { id: '4', kind: 'truck', axles: 3 },
      ],
      best: { batteryKwh: 50 },
      events: [{ by: 'ada' }, { reason: 'done' }],
    });
    expect(await shown(byTag, { vehicles: [], best: null, events: [] })).toEqual({
      vehicles: [],
      best: null,
      events: [],
    });
  });

  it('of a kind that the contract does not declare is shown by the case for others', async () => {
    const others = screen(garagePlan, ({ garage }) => ({
      vehicles: list(garage.vehicles, (vehicle) =>
        byKind(vehicle, 'drive', { pedals: ({ gears }) => ({ gears }) }, ({ id }) => ({ id, kind: 'other' })),
      ),
      best: byKind(garage.best, 'drive', {}, (vehicle) => pick(vehicle, 'id')),
    }));
    const strange = { id: '5', drive: 'hydrogen', tankKg: 5 };
    const given = { vehicles: [vehicles[2], strange, vehicles[0], { id: '6' }], best: strange, events: [] };
    expect(await shown(others, given)).toEqual({
      vehicles: [{ gears: 21 }, { id: '5', kind: 'other' }, { id: '1', kind: 'other' }, { id: '6', kind: 'other' }],
      best: { id: '5' },
    });
    expect(await shown(others, { vehicles: [], best: null, events: [] })).toEqual({ vehicles: [], best: null });
    // A value that is no object has no kind.
    const run = await runScreen(others, {}, { garage: reply({ vehicles: ['x'], best: null, events: [] }) });
    expect(run).toMatchObject({ kind: 'problem' });
    expect(await shownAsBytes(others, given)).toEqual(await shown(others, given));
  });

  it('of a kind that the contract does not declare is a contract violation', async () => {
    const strange = [{ id: '5', drive: 'hydrogen', tankKg: 5 }];
    for (const of of [whole, byTag]) {
      const garage = { vehicles: strange, best: null, events: [] };
      const problem = { kind: 'problem', code: 'GW_UPSTREAM_BAD_PAYLOAD' };
      expect(await runScreen(of, {}, { garage: reply(garage) })).toMatchObject(problem);
      expect(await shownAsBytes(of, garage)).toMatchObject(problem);
    }
    const ids = screen(garagePlan, ({ garage }) => ({ ids: list(garage.vehicles, ({ id }) => id) }));
    expect(await shown(ids, { vehicles: strange, best: null, events: [] })).toEqual({ ids: ['5'] });
  });

  it('is what the document of the app says', async () => {
    const clock = new ManualClock();
    const compiled = compileScreen(whole, { clock, bind: () => () => Promise.reject(new Error('not called')) });
    const { schema, components } = compiled.responseSchema();
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'app', components: { schemas: components } });
    const text = JSON.stringify(schema).replaceAll('"#/components', '"app#/components');
    const validate = ajv.compile(JSON.parse(text));
    expect(validate(await shown(whole, { vehicles, best: null, events }))).toBe(true);
    expect(validate({ vehicles: [{ id: '1', drive: 'pedals', batteryKwh: 5 }], best: null, events })).toBe(false);
    expect(validate({ vehicles: [{ id: '1', drive: 'hydrogen' }], best: null, events })).toBe(false);
  });

  it('is made by the sandbox with one kind and its tag', () => {
    const samples = new ContractSamples(contract);
    const made = samples.value({ $ref: '#/components/schemas/Vehicle' }, 'seed');
    expect(made).toEqual({ id: expect.any(String), drive: 'electric', batteryKwh: expect.any(Number) });
  });
});
