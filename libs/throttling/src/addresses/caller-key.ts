import type { RequestContext } from '@frontage/context';
import type { AddressKey } from './client-address.js';

/** The text by which a caller is counted: that of the caller itself, or of its address where nothing says who is calling. */
export const callerKey =
  (addressKey: AddressKey) =>
  ({ caller, clientAddress }: Pick<RequestContext, 'caller' | 'clientAddress'>): string =>
    caller === undefined ? `address\n${addressKey(clientAddress)}` : `user\n${caller.subject}`;
