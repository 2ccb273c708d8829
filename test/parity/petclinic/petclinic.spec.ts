import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PatientClock } from '../patient-clock.js';
import { RebuiltSystem } from '../rebuilt-system.js';
import { PetclinicModule } from './bff/petclinic.module.js';
import { ClinicServices, jean, visits, withoutPets } from './services.js';

// The gateway of spring-petclinic-microservices (Apache-2.0, https://github.com/spring-petclinic/spring-petclinic-microservices): its
// behaviour, rebuilt from its published description; no code of it stands here.

const clock = new PatientClock();
let services: ClinicServices;
let clinic: RebuiltSystem;

beforeAll(async () => {
  services = await ClinicServices.start();
  const config = fileURLToPath(new URL('bff/bff.yaml', import.meta.url));
  clinic = await RebuiltSystem.start(PetclinicModule, { config, upstreams: services.all, clock });
});
afterEach(async () => {
  services.reset();
  await clock.forget();
});
afterAll(async () => {
  await clinic.stop();
  await services.stop();
});

const visitsOf = (petId: number) => visits.filter((visit) => visit.petId === petId);
const withVisits = { ...jean, pets: jean.pets.map((pet) => ({ ...pet, visits: visitsOf(pet.id) })) };
const newOwner = {
  firstName: 'Ada',
  lastName: 'Byron',
  address: '1 Main St.',
  city: 'Monona',
  telephone: '6085551023',
};

describe('an owner', () => {
  it('has pets, each with its visits, of one request for all of them', async () => {
    expect(await clinic.ask('GET /api/gateway/owners/6')).toMatchObject({ status: 200, body: withVisits });
    expect(services.visits.requests.map(({ target }) => target)).toEqual(['/pets/visits?petId=7,8']);
  });

  it('without pets has no visits to ask for', async () => {
    expect(await clinic.ask('GET /api/gateway/owners/11')).toMatchObject({ status: 200, body: withoutPets });
    expect(services.visits.requests).toHaveLength(0);
  });

  it.each([
    ['fails', () => ({ status: 500 })],
    ['breaks off', () => 'reset' as const],
    ['sends something else', () => ({ status: 200, body: { items: [{ id: 'one' }] } })],
  ])('has pets without visits where the service of visits %s', async (_, fault) => {
    services.visits.fault = fault;
    const response = await clock.throughPauses(clinic.ask('GET /api/gateway/owners/6'));
    const pets = jean.pets.map((pet) => ({ ...pet, visits: [] }));
    expect(response).toMatchObject({ status: 200, body: { ...jean, pets } });
  });

  it('has pets without visits where the service of visits is slow', async () => {
    services.visits.hold();
    const asked = clinic.ask('GET /api/gateway/owners/6');
    await services.visits.arrived(1);
    await clock.advance(500);
    const pets = jean.pets.map((pet) => ({ ...pet, visits: [] }));
    expect(await asked).toMatchObject({ status: 200, body: { pets } });
  });

  it('is unknown where the service says so', async () => {
    const response = await clinic.ask('GET /api/gateway/owners/9007199254740993');
    expect(response).toMatchObject({ status: 404, body: { code: 'owner_unknown' } });
    expect(services.customers.requests.map(({ target }) => target)).toEqual(['/owners/9007199254740993']);
  });

  it.each(['x', '0', '-6', '6.5', '6%2F..'])('cannot have the id %s', async (id) => {
    expect(await clinic.ask(`GET /api/gateway/owners/${id}`)).toMatchObject({ status: 400 });
    expect(services.customers.requests).toHaveLength(0);
  });
});

describe('a new owner', () => {
  it('is registered', async () => {
    const response = await clinic.ask('POST /api/gateway/owners', { body: newOwner });
    expect(response).toMatchObject({ status: 201, body: { id: 12, firstName: 'Ada', lastName: 'Byron' } });
    expect(services.customers.requests[0]?.body).toEqual(newOwner);
  });

  it('is checked by the contract of the service before it is sent', async () => {
    const response = await clinic.ask('POST /api/gateway/owners', {
      body: { ...newOwner, city: '', lastName: undefined },
    });
    expect(response).toMatchObject({
      status: 400,
      body: { errors: expect.arrayContaining([expect.objectContaining({ pointer: '/body/city' })]) },
    });
    expect(services.customers.requests).toHaveLength(0);
  });

  it('is refused with the fields that the service does not accept, and nothing else of its response', async () => {
    const response = await clinic.ask('POST /api/gateway/owners', { body: { ...newOwner, telephone: 'unknown' } });
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({
      code: 'owner_refused',
      fields: [{ name: 'telephone', message: expect.stringContaining('out of bounds') }],
    });
    expect(response.text).not.toMatch(/rejectedValue|BindException|objectName/);
  });
});

describe('the vets', () => {
  it('are listed with their specialties, and with all specialties there are', async () => {
    const response = await clinic.ask('GET /api/vet/vets');
    expect(response.body).toEqual({
      vets: [
        { firstName: 'James', lastName: 'Carter', specialties: [] },
        { firstName: 'Linda', lastName: 'Douglas', specialties: ['dentistry', 'surgery'] },
        { firstName: 'Helen', lastName: 'Leary', specialties: ['radiology'] },
        { firstName: 'Rafael', lastName: 'Ortega', specialties: ['surgery'] },
      ],
      specialties: ['radiology', 'dentistry', 'surgery'],
    });
  });
});
