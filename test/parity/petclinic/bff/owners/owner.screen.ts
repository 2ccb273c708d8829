import { all, at, groupBy, list, omit, optional, plan, problem, required, screen } from '@frontage/aggregation';
import { z } from 'zod';
import { findOwner } from '../../../libs/upstreams/customers/customers.gen.js';
import { listVisits, type Visit } from '../../../libs/upstreams/visits/visits.gen.js';

const noOwner = problem(404, 'owner_unknown', 'There is no such owner.');
const noVisits: { readonly items: readonly Visit[] } = { items: [] };

const input = { path: z.object({ ownerId: z.string().regex(/^[1-9]\d{0,18}$/) }) };

const ownerPlan = plan('petclinic.owner', { input, deadlineMs: 2000 }, ({ path }) => {
  const owner = required(findOwner, { path: { ownerId: path.ownerId } }, { refuseOn: { 404: noOwner } });
  const petId = list(owner.pets, (pet) => pet.id);
  const visits = optional(listVisits, { query: { petId } }, { timeoutMs: 500, fallback: noVisits });
  return { owner, visits };
});

export const ownerScreen = screen(ownerPlan, ({ owner, visits }) => {
  const visitsOf = groupBy(visits.items, 'petId');
  return {
    ...omit(owner, 'pets'),
    pets: list(owner.pets, (pet) => ({ ...all(pet), visits: at(visitsOf, pet.id) })),
  };
});
