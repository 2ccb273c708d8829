import { callsOf, declaredScreens, fileMistakes, isGiven, requiredInputs, type AnyPlan } from '@frontage/aggregation';
import { isPrivate, whyNoCookie, whyNoHeader } from './header-rules.js';
import { methodOf, type AnyScreen } from './screen-of.js';

/** The facts about a route that decide whether its screen can work. */
interface ScreenRoute {
  readonly method: string;
  readonly path: string;
  readonly controller: { readonly name: string };
  /** Name of the controller's method. */
  readonly handler: string;
  readonly access: object | 'public';
  readonly screen: AnyScreen | undefined;
  readonly fixedHeaders: readonly { readonly name: string; readonly value: string | (() => string) }[];
  readonly redirects: boolean;
  readonly renders: boolean;
  readonly isStream: boolean;
}

/** Mistakes that would otherwise show in a request: one line each. */
export function screenMistakes(routes: readonly ScreenRoute[]): readonly string[] {
  return [
    ...sameNames(routes),
    ...routes.flatMap(withoutCaller),
    ...routes.flatMap(forNoCaller),
    ...routes.flatMap(withoutEffect),
    ...new Set(routes.flatMap(({ screen }) => (screen === undefined ? [] : fileMistakes(screen)))),
  ];
}

/** Headers that cannot be sent, and decorators of Nest that say how it writes a response, which the gateway does here. */
function withoutEffect(route: ScreenRoute): string[] {
  const { screen, method, path, controller, handler, fixedHeaders, redirects, renders, isStream, access } = route;
  if (screen === undefined) return [];
  const at = `${controller.name}.${handler} (${method} ${path})`;
  const { headers = [], cookies = [] } = screen.head ?? {};
  const refused = (name: string, where: string): string[] => {
    const why = whyNoHeader(name);
    return why === undefined ? [] : [`${at} sets the header ${JSON.stringify(name)} in ${where}, ${why}`];
  };
  const unsafe = fixedHeaders.filter(
    ({ name, value }) =>
      access !== 'public' && name.toLowerCase() === 'cache-control' && typeof value === 'string' && !isPrivate(value),
  );
  return [
    ...fixedHeaders.flatMap(({ name }) => refused(name, '@Header(...)')),
    ...headers.flatMap((name) => refused(name, `headers of the screen of '${screen.plan.name}'`)),
    ...cookies.flatMap((cookie) => {
      const why = whyNoCookie(cookie);
      return why === undefined ? [] : [`${at} sets the cookie ${JSON.stringify(cookie.name)}, ${why}`];
    }),
    ...unsafe.map(
      ({ value }) =>
        `${at} has @Header('Cache-Control', ${JSON.stringify(value)}), and its responses are for one caller: write private or no-store`,
    ),
    ...(redirects
      ? [
          `${at} has @Redirect(...) beside @Screen(...), which writes the response: write @HttpCode(302), and headers: ({ ... }) => ({ Location: ... }) of screen(...)`,
        ]
      : []),
    ...(renders ? [`${at} has @Render(...) beside @Screen(...), which writes the response: take one of them out`] : []),
    ...(isStream ? [`${at} has @Sse(...) beside @Screen(...), which writes one response: take one of them out`] : []),
  ];
}

/** Policy, metrics, documents and the last good values know a plan by its name. */
function sameNames(routes: readonly ScreenRoute[]): string[] {
  const plans = new Map<string, AnyPlan>();
  const mistakes = new Set<string>();
  for (const { screen } of routes) {
    if (screen === undefined) continue;
    const { plan } = screen;
    const known = plans.get(plan.name);
    if (known === undefined) plans.set(plan.name, plan);
    else if (known !== plan)
      mistakes.add(
        `two plans have the name '${plan.name}', at ${known.source} and at ${plan.source}: rename one of them`,
      );
  }
  return [...mistakes];
}

/** A public route takes no token, so that a call which needs a member of its caller can never be sent. */
function withoutCaller({ access, screen, method, path, controller, handler }: ScreenRoute): string[] {
  const schema = screen?.plan.inputs['caller'];
  if (access !== 'public' || screen === undefined || schema === undefined || !isGiven(schema)) return [];
  const needed = requiredInputs(screen.plan).find(({ group }) => group === 'caller');
  if (needed === undefined) return [];
  return [
    `${controller.name}.${handler} (${method} ${path}) is public and so has no caller, but its plan '${screen.plan.name}' needs ${needed.text} at ${needed.source}: write @Access(...) in place of @Public(), or a plan without the caller`,
  ];
}

/** A public route takes no token, so that a call for certain callers is for none of its requests. */
function forNoCaller({ access, screen, method, path, controller, handler }: ScreenRoute): string[] {
  if (access !== 'public' || screen === undefined) return [];
  const calls = screen.plan.parts.flatMap(({ node }) => callsOf(node)).filter((call) => call.access !== undefined);
  return calls.map(
    ({ operation, source }) =>
      `${controller.name}.${handler} (${method} ${path}) is public and so has no caller, but ${operation.id} of its plan '${screen.plan.name}' has access at ${source}: write @Access(...) in place of @Public(), or take access out`,
  );
}

/** A screen that the code declares and no route serves, with the likely reason. */
export interface UnservedScreen {
  readonly plan: string;
  /** The upstreams that it calls. */
  readonly upstreams: ReadonlySet<string>;
  /** The operations that it calls: `orders.getOrder`. */
  readonly operations: ReadonlySet<string>;
  /** Names the missing piece, and the text to write. */
  readonly reason: string;
}

/**
 * The screens that the code has declared for this app and that none of its routes serves: `@Screen(...)` was forgotten, or no module lists
 * the controller.
 */
export function unservedScreens(routes: readonly ScreenRoute[]): readonly UnservedScreen[] {
  const served = new Set(routes.flatMap(({ screen }) => screen ?? []));
  const plans = new Set([...served].map(({ plan }) => plan.name));
  const controllers = new Set<object>(routes.map(({ controller }) => controller));
  return declaredScreens().flatMap((screen) => {
    const { plan } = screen;
    // A second view of a served plan is none that was forgotten.
    if (served.has(screen) || plans.has(plan.name)) return [];
    const calls = plan.parts.flatMap(({ node }) => callsOf(node));
    const upstreams = new Set(calls.map(({ operation }) => operation.contract.upstream));
    const operations = new Set(calls.map(({ operation }) => `${operation.contract.upstream}.${operation.id}`));
    return [{ plan: plan.name, upstreams, operations, reason: reasonOf(screen, controllers) }];
  });
}

function reasonOf(screen: AnyScreen, controllers: ReadonlySet<object>): string {
  const { name } = screen.plan;
  const at = methodOf(screen);
  if (at === undefined)
    return `no method has the screen of the plan "${name}" (${screen.source}); write @Screen(...) with it above a method of a controller`;
  const controller = 'name' in at.controller ? String(at.controller.name) : 'a controller';
  return controllers.has(at.controller)
    ? `${controller}.${at.method} has the screen of the plan "${name}" and no route; write @Get() or another method above it`
    : `no module lists ${controller}, whose method ${at.method} has the screen of the plan "${name}"; add ${controller} to the controllers of a module`;
}
