/** Errors and warnings fail `frontage audit`; a note does not. */
export type Level = 'error' | 'warning' | 'note';

/** The place that a finding speaks of: a route of the app, or a key of its policy. */
export type Place =
  | { readonly kind: 'route'; readonly route: string; readonly source: string | undefined }
  | { readonly kind: 'policy'; readonly path: readonly string[] };

/** Something that the policy or the declarations of an app lack, with its fix. */
export interface Finding {
  readonly rule: RuleName;
  readonly level: Level;
  readonly place: Place;
  /** The fact, with the names in it. */
  readonly message: string;
  /** The lines to write instead. */
  readonly fix: string;
}

/** The reason of each rule, one sentence; docs/audit.md has them in the same words. */
export const rules = {
  'open-write': 'Anybody can change data through a public route with an unsafe method.',
  'open-route-without-limit': 'A public route without a limit per address can be called without end.',
  'route-without-limit': 'A route without a rate class lets one caller take all of the capacity.',
  'no-address-limit': 'Without a limit per address a flood of forged tokens costs a verification each.',
  'class-without-caller-limit':
    'A rate class that counts the app alone lets one caller use up the share of all others.',
  'caller-limit-above-app': 'One caller may use up the limit of the app, and everybody else is refused.',
  'id-without-owner': 'An id in a request reaches a service, and nothing compares it with the caller.',
  'token-forwarded': 'The token of the user reaches a service that could use it for other calls.',
  'header-forwarded': 'A header with credentials is forwarded to a service.',
  'no-breaker': 'Without a circuit breaker a service that is down is called again and again.',
  'no-concurrency-limit': 'Without a bound a slow service takes the memory of the whole app.',
  'timeout-never-reached': 'A timeout as long as the deadline of the app ends no call.',
  'no-overload-limit': 'Without a bound on requests under way an overload ends in a full memory.',
  'no-connection-limit': 'Without a bound on connections, idle ones take the memory of the process.',
  'wide-cors':
    'Pages that are not yours may read responses with the cookies of the user, or over a network that others change.',
  'no-origin-secret': 'Other customers of the CDN can send requests through its addresses.',
  'proxies-by-number': 'Everybody who can connect is believed when they name the address of a client.',
  'security-header-off': 'Browsers allow more with responses of this app than they need.',
  'admin-port-open': 'The port for operators is reachable from other machines.',
  'untyped-tokens': 'Tokens without a type may be tokens for another purpose, such as ID tokens.',
  'limits-off-with-store': 'Requests are not counted while the store is down.',
  'much-computed': 'Functions make a large part of a response; rules of the business belong in a service.',
} as const;

export type RuleName = keyof typeof rules;
