import type { CompiledScreen } from '@frontage/aggregation';
import type { BffConfig } from '@frontage/config';
import type { Executor, RequestContext } from '@frontage/context';
import { errorCodes, fail, nearest, problemOf, type Failure, type MissingStatus, type Problem } from '@frontage/core';

/** The field by which a developer asks for a state of a screen: `banners=timeout, suggested=error`, or `GW_RATE_LIMITED`. */
export const scenarioHeader = 'x-frontage-scenario';

/** `frontage start` and `frontage dev` set it to `on`. */
const variable = 'FRONTAGE_SCENARIOS';

/**
 * True if clients may ask for states: `frontage start`, `frontage dev` or a test has said so, it is not production, and every upstream is on
 * this machine, as the sandbox is. Everywhere else the field means nothing.
 */
export function allowsScenarios(
  { environment, upstreams }: Pick<BffConfig, 'environment' | 'upstreams'>,
  isAsked = process.env[variable] === 'on',
): boolean {
  if (!isAsked || environment === 'production' || process.env['NODE_ENV'] === 'production') return false;
  return areLocal(upstreams);
}

/** True if every upstream is on this machine, as the sandbox is. */
export const areLocal = (upstreams: BffConfig['upstreams']): boolean =>
  Object.values(upstreams).every(({ urls }) => urls.every(isLocal));

const isLocal = (url: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(URL.canParse(url) ? new URL(url).hostname : '');

const detail = `asked for by ${scenarioHeader}`;
/** Nothing was sent, so that a change is not one of an unknown outcome. */
const unsent = { detail, unsent: true } as const;

const failures: Readonly<Record<MissingStatus, Failure>> = {
  timeout: fail('GW_UPSTREAM_TIMEOUT', unsent),
  error: fail('GW_UPSTREAM_FAILED', { ...unsent, upstreamStatus: 500 }),
  bad_payload: fail('GW_UPSTREAM_BAD_PAYLOAD', unsent),
  open_circuit: fail('GW_UPSTREAM_OPEN_CIRCUIT', { ...unsent, retryAfterMs: 1000 }),
  shed: fail('GW_OVERLOADED', { ...unsent, retryAfterMs: 1000 }),
  skipped: fail('GW_UPSTREAM_FAILED', { ...unsent, status: 'skipped' }),
  credentials: fail('GW_UPSTREAM_CREDENTIALS', unsent),
  forbidden: fail('GW_UPSTREAM_REFUSED', { ...unsent, upstreamStatus: 403 }),
  not_found: fail('GW_NOT_FOUND', { ...unsent, upstreamStatus: 404 }),
};

/** The failure of a reason, or of a status of the upstream. */
function failureOf(value: string): Failure | undefined {
  const reason = Object.entries(failures).find(([name]) => name === value)?.[1];
  if (reason !== undefined || !/^[45]\d\d$/.test(value)) return reason;
  const upstreamStatus = Number(value);
  if (upstreamStatus === 404) return failures.not_found;
  return upstreamStatus === 401 || upstreamStatus === 403
    ? { ...failures.forbidden, upstreamStatus }
    : { ...failures.error, upstreamStatus };
}

/** A text longer than this is no scenario. */
const maxLength = 1000;

/** The states that clients may ask one screen for. Made in development only. */
export class Scenarios {
  readonly #describe: CompiledScreen['describe'];
  readonly #asked = new WeakMap<RequestContext, ReadonlyMap<string, Failure>>();

  /** @param describe the description of the screen, which is asked for when a client asks for a state */
  constructor(describe: CompiledScreen['describe']) {
    this.#describe = describe;
  }

  /**
   * Notes the state that a request asks for.
   * @returns the problem that it asks for, or one that says what is wrong with its text
   */
  begin(context: RequestContext, text: string | readonly string[] | undefined): Problem | undefined {
    if (text === undefined) return undefined;
    // A step calls nothing, so it does not fail.
    const parts = Object.entries(this.#describe().parts).flatMap(([name, { kind }]) => (kind === 'step' ? [] : [name]));
    const asked = new Map<string, Failure>();
    for (const item of String(text).slice(0, maxLength).split(',')) {
      const [name = '', value] = item.split('=').map((word) => word.trim());
      if (value === undefined) return this.#problem(name);
      const failure = failureOf(value);
      if (!parts.includes(name)) return wrong(`there is no part ${name}`, name, parts);
      if (failure === undefined) return wrong(`there is no reason ${value}`, value, Object.keys(failures));
      asked.set(name, failure);
    }
    this.#asked.set(context, asked);
    return undefined;
  }

  /** The calls of a part, which fail where the request asks for it. */
  around(part: string, execute: Executor): Executor {
    return (args, scope) => {
      const failure = this.#asked.get(scope.context)?.get(part);
      return failure === undefined ? execute(args, scope) : Promise.resolve(failure);
    };
  }

  #problem(code: string): Problem {
    if (isErrorCode(code)) {
      const { status } = errorCodes[code];
      return problemOf(code, status === 429 || status === 503 ? { retryAfterMs: 1000 } : {});
    }
    const own = Object.values(this.#describe().parts)
      .flatMap(({ refuses = {} }) => Object.values(refuses))
      .map((text) => text.split(' '));
    const found = own.find(([, name]) => name === code);
    if (found !== undefined) return { status: Number(found[0]), code };
    return wrong(`there is no problem ${code}`, code, [
      ...own.map(([, name = '']) => name),
      ...Object.keys(errorCodes),
    ]);
  }
}

const isErrorCode = (code: string): code is keyof typeof errorCodes => Object.hasOwn(errorCodes, code);

function wrong(mistake: string, found: string, known: readonly string[]): Problem {
  const near = nearest(found, known);
  const others = near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`;
  return problemOf('GW_BAD_REQUEST', { detail: `${scenarioHeader}: ${mistake}; ${others}` });
}
