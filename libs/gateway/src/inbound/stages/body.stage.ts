import { boundBody } from '../../exchange/body-bounds.js';
import type { InboundStage } from '../pipeline.js';

/** Refuses a body that declares more than `limits.maxBody`, and ends one that turns out to be larger, whichever method has it. */
export const bodyStage: InboundStage = (_route, runtime) => {
  const { maxBodyBytes } = runtime.config.limits;
  return (exchange) => boundBody(exchange, maxBodyBytes);
};
