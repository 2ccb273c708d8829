import type { InboundStage } from '../pipeline.js';
import { compiledClass, countingStep } from './rate-limits.js';

/** What one address may do, whoever it says it is: `addressLimit` of the policy for the whole app, and the limits per address of the route's class. */
export const addressLimitStage: InboundStage = (route, runtime) => {
  if (route.kind === 'health') return undefined;
  const { addressLimit } = runtime.config;
  const ofApp = addressLimit && runtime.limiter.compile('address', [{ per: 'address', ...addressLimit }]);
  const ofClass = compiledClass(route, runtime);
  const countForClass = ofClass?.byAddress && countingStep(ofClass.byAddress, ofClass.policy);
  if (ofApp?.byAddress === undefined) return countForClass;
  const checkApp = ofApp.byAddress;
  if (countForClass === undefined) return ({ context }) => asStep(checkApp(context));
  return (exchange) => {
    const app = checkApp(exchange.context);
    return app instanceof Promise ? app.then(() => countForClass(exchange)) : countForClass(exchange);
  };
};

const asStep = (checked: string | Promise<string>): void | Promise<void> =>
  checked instanceof Promise ? checked.then(() => undefined) : undefined;
