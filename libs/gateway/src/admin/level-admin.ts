import { jsonPage, type AdminAction, type AdminPage, type AdminRoute } from '@frontage/admin';
import { leastLevels, maxChangedLevels, type LeastLevel, type LevelTarget, type LogLevels } from '@frontage/tracing';

/** The time for which a level is changed where the request does not say, in seconds. */
const usualSeconds = 600;
/** A level that an operator forgets ends by itself within a day. */
const maxSeconds = 86_400;
const maxNameLength = 500;

const form = '{"route": "GET /orders/:id", "level": "debug", "forSeconds": 600}';
const targets = ['route', 'caller', 'logger'] as const;

interface Wanted {
  readonly target: LevelTarget;
  /** `policy` takes a change back. */
  readonly level: LeastLevel | 'policy';
  readonly forSeconds: number;
}

/** `GET /log-levels`: the level of policy, and those that were changed. */
export const levelsPage =
  (levels: LogLevels | undefined): AdminRoute =>
  () =>
    jsonPage({
      policy: levels?.policy ?? 'silent',
      changed: (levels?.list() ?? []).map(({ forMs, ...change }) => ({
        ...change,
        forSeconds: Math.ceil(forMs / 1_000),
      })),
    });

/**
 * `POST /log-levels`: the lines of one route, of one caller, or of one logger have another level for a time, after which that of policy holds
 * again.
 */
export function levelAction(levels: LogLevels | undefined, isRoute: (name: string) => boolean): AdminAction {
  const refuse = (detail: string, status = 400): AdminPage => ({ ...jsonPage({ detail }), status });
  return (body) => {
    const wanted = wantedOf(body);
    if (typeof wanted === 'string') return refuse(wanted);
    const { target, level, forSeconds } = wanted;
    if (levels === undefined) return refuse('log.level of policy is silent: nothing is written at any level', 409);
    if (target.route !== undefined && !isRoute(target.route))
      return refuse(`there is no route ${target.route}; write it as GET /describe does: GET /orders/:id`, 404);
    if (level === 'policy') {
      return levels.restore(target)
        ? jsonPage({ ...target, level: levels.policy })
        : refuse('this level was not changed; GET /log-levels lists those that were', 404);
    }
    if (!levels.change(target, level, forSeconds * 1_000))
      return refuse(`${maxChangedLevels} levels are changed; take one of them back first`, 409);
    return jsonPage({ ...target, level, forSeconds });
  };
}

/** @returns a text that says what is wrong with it */
function wantedOf(body: unknown): Wanted | string {
  if (typeof body !== 'object' || body === null) return `expected an object such as ${form}`;
  const { level, forSeconds = usualSeconds, ...others }: Record<string, unknown> = { ...body };
  const unknown = Object.keys(others).find((name) => !targets.some((one) => one === name));
  if (unknown !== undefined)
    return `unknown member "${unknown}"; expected one of ${targets.join(', ')}, level, forSeconds`;
  const [name, ...more] = targets.filter((one) => others[one] !== undefined);
  if (name === undefined || more.length > 0) return `expected one of ${targets.join(', ')}, as in ${form}`;
  const value = others[name];
  if (typeof value !== 'string' || value === '' || value.length > maxNameLength)
    return `"${name}" takes a text of 1 to ${maxNameLength} characters`;
  const known = [...leastLevels, 'policy' as const].find((each) => each === level);
  if (known === undefined) return `"level" takes one of ${leastLevels.join(', ')}, and policy to take a change back`;
  if (typeof forSeconds !== 'number' || !Number.isInteger(forSeconds) || forSeconds < 1 || forSeconds > maxSeconds)
    return `"forSeconds" takes a whole number from 1 to ${maxSeconds}`;
  return { target: { [name]: value }, level: known, forSeconds };
}
