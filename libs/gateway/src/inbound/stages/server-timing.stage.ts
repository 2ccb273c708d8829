import { isNamed } from '../../access/named-callers.js';
import type { Exchange } from '../../exchange/exchange.js';
import { serverTiming } from '../../exchange/server-timing.js';
import type { InboundStage } from './stage.js';

/**
 * The responses to the callers that policy names say where their time went, whoever writes them: a screen, a hand-written handler, or the
 * filter that makes problems. Pages of the origins of `cors` may read it.
 */
export const serverTimingStage: InboundStage = (_route, { config, clock, cors }) => {
  const policy = config.serverTiming;
  if (policy === undefined) return undefined;
  return (exchange) => {
    const { context, request } = exchange;
    if (!policy.everybody && !isNamed(policy, context.caller)) return;
    const { origin } = request.headers;
    const allowed = origin !== undefined && cors?.allows(origin) === true ? origin : undefined;
    beforeHead(exchange, () => {
      const { response } = exchange;
      response.setHeader('server-timing', serverTiming(context, clock.now()));
      if (allowed !== undefined) response.setHeader('timing-allow-origin', allowed);
    });
  };
};

/** Runs `work` when the head of the response is written: Node writes it by this method, whoever began the response. */
function beforeHead({ response }: Exchange, work: () => void): void {
  const writeHead: (...given: never[]) => unknown = response.writeHead.bind(response);
  Object.assign(response, {
    writeHead: (...given: readonly unknown[]): unknown => {
      if (!response.headersSent) work();
      return Reflect.apply(writeHead, undefined, given);
    },
  });
}
