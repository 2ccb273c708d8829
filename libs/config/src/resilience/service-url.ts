import { isServiceName } from '@frontage/core';

/** True for a base address that names a service, whose addresses stand in SRV records. */
export const isService = (url = ''): boolean => isServiceName(new URL(url).hostname);
