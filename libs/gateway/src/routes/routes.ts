import { RequestMethod, type Type } from '@nestjs/common';
import { MODULE_PATH } from '@nestjs/common/constants.js';
import { MetadataScanner, type ApplicationConfig, type DiscoveryService, type ModulesContainer } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import { bodyMediaOf, formMembersOf, type FormMember } from '@frontage/aggregation';
import { accessOf, sourceFileOf, type AccessRule } from '@frontage/auth';
import { rateClassOf } from '@frontage/throttling';
import { markHandler, ownHandler } from './route-marks.js';
import { pathMatcher } from './path-pattern.js';
import { screenMistakes } from './screen-check.js';
import { takenBy, takenMedia } from '../body/takes.decorator.js';
import { screenOf, type AnyScreen } from './screen-of.js';

/** One route of the app, as everything that runs per request was decided by it at boot. */
export interface Route {
  readonly method: string;
  /** Template: `/orders/:id`. */
  readonly path: string;
  readonly controller: Type;
  /** Name of the controller's method. */
  readonly handler: string;
  readonly access: AccessRule | 'public';
  readonly rateClass: string | undefined;
  /** The number of requests that one request counts as, in its rate class. */
  readonly rateWeight: number;
  readonly screen: AnyScreen | undefined;
  /** The screen's own deadline, in milliseconds. */
  readonly deadlineMs: number | undefined;
  /** Status of a successful response: that of `@HttpCode`, or Nest's default. */
  readonly successStatus: number;
  /** `foreign`: a module has registered it on the adapter itself, or no route was matched. */
  readonly kind: 'screen' | 'controller' | OwnKind | 'foreign';
  /** The media type of its body beside JSON, by the contract that its input is taken from. */
  readonly bodyMedia: string | undefined;
  /** The members of the form that it takes, where its body is `multipart/form-data`. */
  readonly form: ReadonlyMap<string, FormMember> | undefined;
  /** Server-sent events: it ends when it likes. */
  readonly isStream: boolean;
  /** Of `@Header(...)`. */
  readonly fixedHeaders: readonly FixedHeader[];
  /** True if `@Redirect(...)` stands on it. */
  readonly redirects: boolean;
  /** True if `@Render(...)` stands on it. */
  readonly renders: boolean;
  /** The file that the rule of access stands in, where the engine tells: it has the words above the method. */
  readonly source: string | undefined;
}

/** A header of `@Header(...)`: its value may be a function, which Nest allows. */
export interface FixedHeader {
  readonly name: string;
  readonly value: string | (() => string);
}

/** A start that must not happen: what is wrong with the app, one line per mistake. */
export class BootError extends Error {
  readonly issues: readonly string[];
  constructor(issues: readonly string[]) {
    super(issues.join('\n'));
    this.name = 'BootError';
    this.issues = issues;
  }
}

type Handler = (...args: never[]) => unknown;

/** The routes that every app has, or that its policy asks for: they are part of no app's document. */
export type OwnKind = 'health' | 'session' | 'usage';

const ownKinds: ReadonlySet<string> = new Set<OwnKind>(['health', 'session', 'usage']);

/** True for a route of the gateway itself. */
export const isOwn = ({ kind }: Route): boolean => ownKinds.has(kind);

/** The prefixes and versions in the paths of an app. */
export interface RouteSources {
  readonly discovery: DiscoveryService;
  readonly application: ApplicationConfig;
  readonly modules: ModulesContainer;
  /** The controllers of the gateway itself. */
  readonly own: ReadonlyMap<Type, OwnKind>;
}

/** Finds every route through Nest's own metadata, before Nest registers it. */
export class RouteTable {
  readonly #byHandler = new Map<Type, Map<object, Route>>();
  readonly routes: readonly Route[];
  readonly #patterns: readonly { readonly method: string; readonly fits: (path: string) => boolean }[];

  /** @throws BootError naming every route that says nothing about access, and every screen that cannot work on its route */
  constructor(sources: RouteSources) {
    const scanner = new MetadataScanner();
    const pathsOf = pathFinder(sources);
    const routes: Route[] = [];
    const issues: string[] = [];
    for (const wrapper of sources.discovery.getControllers()) {
      const controller = wrapper.metatype as Type | null;
      if (controller === null || typeof controller !== 'function') continue;
      const prototype = controller.prototype as Record<string, Handler>;
      for (const name of scanner.getAllMethodNames(prototype)) {
        const found = prototype[name];
        const method = found && (Reflect.getMetadata('method', found) as RequestMethod | undefined);
        if (found === undefined) continue;
        if (method === undefined) {
          if (screenOf(found) !== undefined) issues.push(withoutRoute(controller, name));
          continue;
        }
        const handler = ownHandler(controller, name, found);
        markHandler(controller, name, handler);
        for (const path of pathsOf(wrapper.host?.metatype, controller, handler)) {
          const route = readRoute(controller, name, handler, RequestMethod[method], path, sources.own.get(controller));
          if (typeof route === 'string') issues.push(route);
          else {
            routes.push(route);
            this.#remember(controller, handler, route);
          }
        }
      }
    }
    issues.push(...screenMistakes(routes));
    if (issues.length > 0) throw new BootError(issues);
    this.routes = routes.toSorted((a, b) => (a.path + a.method < b.path + b.method ? -1 : 1));
    this.#patterns = this.routes.map(({ method, path }) => ({ method, fits: pathMatcher(path) }));
  }

  /** The methods that some route takes on this path, for `Allow` (RFC 9110 section 10.2.1). */
  methodsOn(path: string): readonly string[] {
    const methods = new Set(this.#patterns.filter(({ fits }) => fits(path)).map(({ method }) => method));
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods].toSorted();
  }

  /** The route that a handler serves; one handler on several paths shares the first one's record. */
  find(controller: Type, handler: object): Route | undefined {
    return this.#byHandler.get(controller)?.get(handler);
  }

  #remember(controller: Type, handler: Handler, route: Route): void {
    let handlers = this.#byHandler.get(controller);
    if (handlers === undefined) this.#byHandler.set(controller, (handlers = new Map()));
    if (!handlers.has(handler)) handlers.set(handler, route);
  }
}

const withoutRoute = (controller: Type, name: string): string =>
  `${controller.name}.${name} has @Screen(...) and no route: write @Get(), @Post() or another method above it`;

function readRoute(
  controller: Type,
  name: string,
  handler: Handler,
  method: string,
  path: string,
  own: OwnKind | undefined,
): Route | string {
  const access = accessOf(controller, handler);
  // Deny by default (RELIABILITY G4): a route that says nothing about access does not boot.
  if (access === undefined) {
    return `${controller.name}.${name} (${method} ${path}) says neither @Access(...) nor @Public(): write @Access({ scope: '...' }), or @Public() if everyone may call it`;
  }
  const screen = screenOf(handler);
  const body = screen === undefined ? takenBy(handler) : screen.plan.inputs['body'];
  const rate = rateClassOf(controller, handler);
  return {
    method,
    path,
    controller,
    handler: name,
    access,
    rateClass: rate?.name,
    rateWeight: rate?.weight ?? 1,
    screen,
    deadlineMs: screen?.plan.deadlineMs,
    successStatus:
      (Reflect.getMetadata('__httpCode__', handler) as number | undefined) ?? (method === 'POST' ? 201 : 200),
    bodyMedia: body === undefined ? takenMedia(handler) : bodyMediaOf(body),
    form: body && formMembersOf(body),
    isStream: Reflect.getMetadata('__sse__', handler) === true,
    fixedHeaders: (Reflect.getMetadata('__headers__', handler) as Route['fixedHeaders'] | undefined) ?? [],
    redirects: Reflect.hasMetadata('__redirect__', handler),
    renders: Reflect.hasMetadata('__renderTemplate__', handler),
    source: sourceFileOf(controller, handler),
    kind: own ?? (screen === undefined ? 'controller' : 'screen'),
  };
}

/** The paths of a handler, as Nest registers them: with the prefixes of the app, of its modules and of its versions. */
function pathFinder({ application, modules }: RouteSources) {
  const factory = new RoutePathFactory(application);
  const versioning = application.getVersioning();
  const list = (target: object): string[] => {
    const path = Reflect.getMetadata('path', target) as string | string[] | undefined;
    return [path ?? ''].flat();
  };
  return (module: object | null | undefined, controller: Type, handler: Handler): string[] => {
    const method = Reflect.getMetadata('method', handler) as RequestMethod;
    const modulePath = module ? modulePathOf(module, modules.applicationId) : undefined;
    const controllerVersion = Reflect.getMetadata('__version__', controller) ?? versioning?.defaultVersion;
    const methodVersion = Reflect.getMetadata('__version__', handler);
    return list(controller).flatMap((ctrlPath) =>
      list(handler).flatMap((methodPath) =>
        factory.create(
          {
            ctrlPath: leadingSlash(ctrlPath),
            methodPath: leadingSlash(methodPath),
            globalPrefix: application.getGlobalPrefix(),
            ...(modulePath !== undefined && { modulePath }),
            ...(versioning !== undefined && { controllerVersion, methodVersion, versioningOptions: versioning }),
          },
          method,
        ),
      ),
    );
  };
}

/** The prefix that `RouterModule.register` sets for a module. */
const modulePathOf = (module: object, applicationId: string): string | undefined =>
  (Reflect.getMetadata(MODULE_PATH + applicationId, module) ?? Reflect.getMetadata(MODULE_PATH, module)) as
    string | undefined;

const leadingSlash = (path: string): string => (path.startsWith('/') ? path : `/${path}`).replaceAll(/\/+/g, '/');
