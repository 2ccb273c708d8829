import { boundBody } from '../../exchange/body-bounds.js';
import type { InboundStage } from './stage.js';

/** Refuses a body that declares more than `limits.maxBody`, and ends one that turns out to be larger, whichever method has it. */
export const bodyStage: InboundStage = (_route, app) => {
  const { maxBodyBytes } = app.config.limits;
  return (exchange) => boundBody(exchange, maxBodyBytes);
};
