/** The store cannot be used now. It is tried again in the background: a request decides without it. */
export class StoreDownError extends Error {
  override readonly name = 'StoreDownError';
}

/** The address is of something that cannot be used as a store, whatever time passes: a start ends with it. */
export class StoreAddressError extends Error {
  override readonly name = 'StoreAddressError';
}
