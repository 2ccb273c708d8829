/** The reason why a part is missing. */
export type MissingReason =
  'timeout' | 'error' | 'bad_payload' | 'open_circuit' | 'shed' | 'skipped' | 'credentials' | 'forbidden' | 'not_found';

/** A response of the BFF. */
export interface MockState<Body = unknown> {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** Every state of one screen. */
export interface MockScreen {
  readonly method: string;
  /** `/orders/{id}` */
  readonly path: string;
  readonly complete: MockState;
  /** The screen without a part, by its name; the reason is replaced by the one that is asked for. */
  readonly parts: Readonly<Record<string, MockState>>;
  /** By their scenario: `profile=timeout`, `GW_RATE_LIMITED`. */
  readonly problems: Readonly<Record<string, MockState>>;
}

export type Mocks = Readonly<Record<string, MockScreen>>;

/** The states of a screen, in the words of `X-Frontage-Scenario`. */
export type ScenarioOf<Screen extends MockScreen> =
  'complete' | `${keyof Screen['parts'] & string}=${MissingReason}` | (keyof Screen['problems'] & string);

/** The state of each screen; a screen that is not named is complete. */
export type ScenariosOf<All extends Mocks> = { readonly [Name in keyof All]?: ScenarioOf<All[Name]> };

export interface MockResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As it is sent; empty where there is none. */
  readonly body: string;
}

export interface MockRequest {
  readonly method: string;
  readonly url: string;
  /** The state that the request itself asks for: `X-Frontage-Scenario`. */
  readonly scenario: string | null;
}

/** The response of a screen in a state. @throws Error for a state that it does not have */
export function mockResponse(screen: MockScreen, scenario: string): MockResponse {
  const [part = '', reason = ''] = scenario.split('=');
  const missing = Object.hasOwn(screen.parts, part) ? screen.parts[part] : undefined;
  const problem = Object.hasOwn(screen.problems, scenario) ? screen.problems[scenario] : undefined;
  const state = scenario === 'complete' ? screen.complete : (problem ?? (missing && withReason(missing, part, reason)));
  if (state === undefined) throw new Error(`${screen.method} ${screen.path} has no state ${scenario}`);
  const isProblem = state.status >= 400;
  return {
    status: state.status,
    headers: {
      'content-type': `application/${isProblem ? 'problem+json' : 'json'}; charset=utf-8`,
      ...(state !== screen.complete && { 'cache-control': 'no-store' }),
      'x-request-id': '0d9c1f6e-5b7a-4c1e-9f64-2a8b3c7d5e10',
      ...state.headers,
    },
    body: state.body === undefined ? '' : JSON.stringify(state.body),
  };
}

/** The stored state is the one of the reason `error`. */
function withReason(state: MockState, part: string, reason: string): MockState {
  const { headers = {} } = state;
  const parts = headers['frontage-parts'];
  const replaced = (text: string): string => text.replaceAll('error', reason);
  const body = JSON.parse(JSON.stringify(state.body), (key, value: unknown): unknown => {
    if (key !== '_parts' || typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]: [string, unknown]) => [
        name,
        name === part
          ? JSON.parse(JSON.stringify(one), (_, inner: unknown) => (inner === 'error' ? reason : inner))
          : one,
      ]),
    );
  });
  return {
    ...state,
    body,
    headers: parts === undefined ? headers : { ...headers, 'frontage-parts': replaced(parts) },
  };
}

/**
 * The response to a request, whatever the address of the BFF is; undefined where no screen has the method and the path.
 * @throws Error for a state that the screen does not have
 */
export function mockOf(mocks: Mocks, scenarios: Readonly<Record<string, string | undefined>>, request: MockRequest) {
  const path = request.url.replace(/[?#].*$/, '').replace(/\/$/, '');
  const found = Object.entries(mocks)
    .filter(([, one]) => one.method === request.method && matches(one.path, path))
    // `/orders/open` is not an order with this id.
    .sort(([, one], [, other]) => literals(other.path) - literals(one.path))[0];
  if (found === undefined) return undefined;
  const [name, screen] = found;
  return mockResponse(screen, request.scenario ?? scenarios[name] ?? 'complete');
}

const literals = (path: string): number => path.split('/').filter((word) => !word.includes('{')).length;

function matches(template: string, path: string): boolean {
  const wanted = template.split('/').slice(1);
  const given = path.split('/').slice(-wanted.length);
  return wanted.length === given.length && wanted.every((word, at) => word === given[at] || word.includes('{'));
}

const fieldName = 'x-frontage-scenario';

/** A `fetch` that responds with mocks, in the place of that of the platform or of a client. */
export function mockFetch(mocks: Mocks, scenarios: Readonly<Record<string, string | undefined>>) {
  return async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const isRequest = typeof input === 'object' && 'headers' in input;
    const url = isRequest ? input.url : String(input);
    const method = (init?.method ?? (isRequest ? input.method : 'GET')).toUpperCase();
    const headers = new Headers(init?.headers ?? (isRequest ? input.headers : undefined));
    const signal = init?.signal;
    if (signal?.aborted === true) throw signal.reason;
    const found = mockOf(mocks, scenarios, { method, url, scenario: headers.get(fieldName) });
    if (found === undefined) throw new TypeError(`there is no mock for ${method} ${url}`);
    const { status, body } = found;
    return new Response(body === '' ? null : body, { status, headers: found.headers });
  };
}

/** The part of a page of Playwright that is used. */
export interface PageLike {
  route(
    url: (url: URL) => boolean,
    handler: (route: {
      request(): { method(): string; url(): string; headers(): Record<string, string> };
      fulfill(response: { status: number; headers: Record<string, string>; body: string }): Promise<void>;
      fallback(): Promise<void>;
    }) => Promise<void>,
  ): Promise<unknown>;
}

/** Routes the requests of a page of Playwright to mocks; other requests go on. */
export async function mockRoutes(
  mocks: Mocks,
  scenarios: Readonly<Record<string, string | undefined>>,
  page: PageLike,
): Promise<void> {
  await page.route(
    () => true,
    (route) => {
      const request = route.request();
      const found = mockOf(mocks, scenarios, {
        method: request.method(),
        url: request.url(),
        scenario: request.headers()[fieldName] ?? null,
      });
      return found === undefined ? route.fallback() : route.fulfill({ ...found, headers: { ...found.headers } });
    },
  );
}

/** A story of Storybook, as far as it has to do with the BFF: spread it into a story of a component. */
export function mockStory(mocks: Mocks, scenarios: Readonly<Record<string, string | undefined>>) {
  return {
    beforeEach: (): (() => void) => {
      const before = globalThis.fetch;
      Object.assign(globalThis, { fetch: mockFetch(mocks, scenarios) });
      return () => void Object.assign(globalThis, { fetch: before });
    },
  };
}
