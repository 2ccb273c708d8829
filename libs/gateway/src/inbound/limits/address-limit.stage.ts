import type { InboundStage } from '../stages/stage.js';

/** The limit of the whole app for one address, for every caller behind it: `addressLimit` of the policy. */
export const addressLimitStage: InboundStage = (route, app) => {
  const { addressLimit } = app.config;
  if (addressLimit === undefined || route.kind === 'health') return undefined;
  const check = app.limiter.compileAddressLimit(addressLimit).byAddress;
  return (
    check &&
    (({ context }) => {
      const checked = check(context);
      return checked instanceof Promise ? checked.then(() => undefined) : undefined;
    })
  );
};
