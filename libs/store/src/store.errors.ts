/** The store cannot be used now. It is tried again in the background; a request goes on without it. */
export class StoreDownError extends Error {
  override readonly name = 'StoreDownError';
}

/** The address is that of a server that can never be the store. The start of the app ends with this error. */
export class StoreAddressError extends Error {
  override readonly name = 'StoreAddressError';
}
