import { inputOf, list, pick, plan, problem, screen, withMembers, write } from '@frontage/aggregation';
import { createOwner } from '../../../libs/upstreams/customers/customers.gen.js';

const refused = problem(400, 'owner_refused', 'Some fields are not accepted.');

const input = { body: inputOf(createOwner) };

const createOwnerPlan = plan('petclinic.owner.create', { input, deadlineMs: 2000 }, ({ body }) => {
  const owner = write(
    createOwner,
    { body },
    {
      refuseOn: {
        400: ({ errors }) =>
          withMembers(refused, {
            fields: list(errors, (error) => ({ name: error.field, message: error.defaultMessage })),
          }),
      },
    },
  );
  return { owner };
});

export const createOwnerScreen = screen(createOwnerPlan, ({ owner }) => pick(owner, 'id', 'firstName', 'lastName'));
