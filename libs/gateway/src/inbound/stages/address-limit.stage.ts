import type { InboundStage } from '../pipeline.js';

/** The limit of the whole app for one address, whatever it says it is: `addressLimit` of the policy. */
export const addressLimitStage: InboundStage = (route, runtime) => {
  const { addressLimit } = runtime.config;
  if (addressLimit === undefined || route.kind === 'health') return undefined;
  const check = runtime.limiter.compileAddressLimit(addressLimit).byAddress;
  return (
    check &&
    (({ context }) => {
      const checked = check(context);
      return checked instanceof Promise ? checked.then(() => undefined) : undefined;
    })
  );
};
