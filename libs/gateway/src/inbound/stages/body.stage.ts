import { boundBody } from '../../exchange/body-bounds.js';
import { isForm } from '../../multipart/take-forms.js';
import type { InboundStage } from './stage.js';

/**
 * Refuses a body that declares more than `limits.maxBody`, and ends one that turns out to be larger, whichever method has it. A route that
 * takes forms with files has a limit of its own for them.
 */
export const bodyStage: InboundStage = (route, app) => {
  const { maxBodyBytes, multipart } = app.config.limits;
  // On Express the route is not known yet when a request arrives.
  const takesForms = route.form !== undefined || (route.kind === 'foreign' && app.takesForms);
  if (!takesForms) return (exchange) => boundBody(exchange, maxBodyBytes);
  return (exchange) => boundBody(exchange, isForm(exchange.request.headers) ? multipart.maxBodyBytes : maxBodyBytes);
};
