import { StubUpstream, type StubReply } from '../stub-upstream.js';

interface Pet {
  readonly id: number;
  readonly name: string;
  readonly birthDate: string;
  readonly type: { readonly id: number; readonly name: string };
}

interface Owner {
  readonly id: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly address: string;
  readonly city: string;
  readonly telephone: string;
  readonly pets: Pet[];
}

interface Visit {
  readonly id: number;
  readonly petId: number;
  readonly date: string;
  readonly description: string;
}

/** Larger than a double counts exactly. */
const firstNewId = 9_007_199_254_740_993n;

const petTypes = ['cat', 'dog', 'lizard', 'snake', 'bird', 'hamster'];
const petOf = (id: number, name: string, typeId: number): Pet => {
  return { id, name, birthDate: '2012-09-04', type: { id: typeId, name: petTypes[typeId - 1] ?? '' } };
};

export const jean: Owner = {
  id: 6,
  firstName: 'Jean',
  lastName: 'Coleman',
  address: '105 N. Lake St.',
  city: 'Monona',
  telephone: '6085552654',
  pets: [petOf(7, 'Samantha', 1), petOf(8, 'Max', 1)],
};
export const withoutPets: Owner = { ...jean, id: 11, firstName: 'Carlos', pets: [] };

export const visits: readonly Visit[] = [
  { id: 1, petId: 7, date: '2013-01-01', description: 'rabies shot' },
  { id: 2, petId: 8, date: '2013-01-02', description: 'rabies shot' },
  { id: 3, petId: 8, date: '2013-01-03', description: 'neutered' },
  { id: 4, petId: 7, date: '2013-01-04', description: 'spayed' },
];

const radiology = { id: 1, name: 'radiology' };
const surgery = { id: 2, name: 'surgery' };
const dentistry = { id: 3, name: 'dentistry' };
const vets = [
  { id: 1, firstName: 'James', lastName: 'Carter', specialties: [] },
  { id: 2, firstName: 'Helen', lastName: 'Leary', specialties: [radiology] },
  { id: 3, firstName: 'Linda', lastName: 'Douglas', specialties: [dentistry, surgery] },
  { id: 4, firstName: 'Rafael', lastName: 'Ortega', specialties: [surgery] },
];

/** The three services of the clinic, with the data that they are published with. */
export class ClinicServices {
  readonly customers: StubUpstream;
  readonly visits: StubUpstream;
  readonly vets: StubUpstream;

  private constructor(customers: StubUpstream, visitsService: StubUpstream, vetsService: StubUpstream) {
    this.customers = customers;
    this.visits = visitsService;
    this.vets = vetsService;
  }

  static async start(): Promise<ClinicServices> {
    const owners = [jean, withoutPets];
    const find = (id: string | undefined): StubReply => {
      const owner = owners.find((candidate) => String(candidate.id) === id);
      return owner === undefined ? { status: 404 } : { status: 200, headers: { etag: `"owner-${id}"` }, body: owner };
    };
    return new ClinicServices(
      await StubUpstream.start({
        'GET /owners': () => ({ status: 200, body: owners }),
        'GET /owners/{id}': ({ params: [id] }) => find(id),
        'POST /owners': ({ body }) => created(body),
        'POST /owners/{id}/pets': ({ body }) => {
          const { name, typeId } = body as { readonly name: string; readonly typeId: number };
          return { status: 201, body: petOf(20 + typeId, name, typeId) };
        },
        'DELETE /owners/{id}/pets/{petId}': () => ({ status: 204 }),
      }),
      await StubUpstream.start({
        'GET /pets/visits': ({ query }) => {
          const ids = new Set((query.get('petId') ?? '').split(',').map(Number));
          return { status: 200, body: { items: visits.filter(({ petId }) => ids.has(petId)) } };
        },
      }),
      await StubUpstream.start({ 'GET /vets': () => ({ status: 200, body: vets }) }),
    );
  }

  get all(): Readonly<Record<'customers' | 'visits' | 'vets', StubUpstream>> {
    return { customers: this.customers, visits: this.visits, vets: this.vets };
  }

  reset(): void {
    for (const service of Object.values(this.all)) service.reset();
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.all).map((service) => service.stop()));
  }
}

/** It refuses as Spring does: one entry for each field that is wrong. */
function created(body: unknown): StubReply {
  const owner = body as Owner;
  if (!/^\d+$/.test(owner.telephone)) {
    const error = {
      objectName: 'ownerRequest',
      field: 'telephone',
      defaultMessage: 'numeric value out of bounds (<12 digits>.<0 digits> expected)',
      code: 'Digits',
      rejectedValue: owner.telephone,
    };
    return {
      status: 400,
      body: { status: 400, path: '/owners', trace: 'at o.s.validation.BindException', errors: [error] },
    };
  }
  return { status: 201, headers: { location: `/owners/${firstNewId}` }, body: { ...owner, id: 12, pets: [] } };
}
