import { ProblemError } from '@frontage/core';
import type { InboundStage } from '../pipeline.js';

/**
 * Refuses a body that declares more than `limits.maxBody`. Bodies that declare nothing are counted while they are read, by the
 * platform's parser with the same bound.
 */
export const sizeStage: InboundStage = (route, runtime) => {
  if (route.method === 'GET' || route.method === 'HEAD') return undefined;
  const { maxBodyBytes } = runtime.config.limits;
  return ({ request }) => {
    const declared = request.headers['content-length'];
    if (declared !== undefined && Number(declared) > maxBodyBytes) {
      throw new ProblemError('GW_PAYLOAD_TOO_LARGE', {
        detail: `The body may have at most ${maxBodyBytes} bytes.`,
        headers: { connection: 'close' },
      });
    }
  };
};
