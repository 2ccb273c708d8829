import { distinct, flatten, list, pick, plan, required, screen, sortBy } from '@frontage/aggregation';
import { listVets } from '../../../libs/upstreams/vets/vets.gen.js';

const vetsPlan = plan('petclinic.vets', { input: {}, deadlineMs: 2000 }, () => ({ vets: required(listVets, {}) }));

export const vetsScreen = screen(vetsPlan, ({ vets }) => ({
  vets: list(sortBy(vets, 'lastName'), (vet) => ({
    ...pick(vet, 'firstName', 'lastName'),
    specialties: list(vet.specialties, (specialty) => specialty.name),
  })),
  specialties: distinct(list(flatten(list(vets, (vet) => vet.specialties)), (specialty) => specialty.name)),
}));
