type Switchable<T> = T | 'off' | undefined;

/** A proxy of its own replaces the proxy of the app; `off` does so too. */
export function proxyOf(own: string | undefined, ofApp: string): { readonly proxy?: string } {
  const proxy = own ?? ofApp;
  return proxy === 'off' ? {} : { proxy };
}

/** A member that is there only where it has a value: an absent stage is absent, also in `Object.keys`. */
export function given<K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } {
  // The compiler gives a computed key the type `string`; the one key of this object is `name`.
  return (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: T };
}

export function on<T extends object>(block: Switchable<T>): T | undefined {
  return block === 'off' ? undefined : block;
}
