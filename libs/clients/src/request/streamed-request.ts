import type { Outcome } from '@frontage/core';
import type { StreamedBody } from '../encode/body-content.js';
import type { Next, UpstreamRequest } from './upstream-request.js';

/** A stream that was given to a call is closed when the call has ended, sent or not. */
export async function performStreamed(
  request: UpstreamRequest,
  content: StreamedBody,
  perform: Next,
): Promise<Outcome<unknown>> {
  try {
    return await perform(request);
  } finally {
    // A write without a waiting caller is still being sent.
    if (!request.abandoned) content.close();
  }
}
