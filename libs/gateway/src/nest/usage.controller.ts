import type { IncomingMessage } from 'node:http';
import { Controller, Get, Header, Inject, Req, type Type } from '@nestjs/common';
import { Access } from '@frontage/auth';
import { requestContextOf } from '@frontage/context';
import type { LimitUsage } from '@frontage/throttling';
import { rawRequest } from '../exchange/exchange.js';
import { compileUsage, type UsageOf } from '../inbound/limits/usage.js';
import { RUNTIME, type GatewayRuntime } from '../runtime/runtime.js';

/** The response of the endpoint. */
interface Usage {
  readonly limits: readonly LimitUsage[];
}

/** Makes the controller of the endpoint at which a caller reads its own limits. A caller never sees those of another one. */
export function usageController(path: string): Type {
  @Access()
  @Controller()
  class UsageController {
    readonly #runtime: GatewayRuntime;
    #usageOf: UsageOf | undefined;

    constructor(@Inject(RUNTIME) runtime: GatewayRuntime) {
      this.#runtime = runtime;
    }

    /** The limits of the caller. */
    @Get(path)
    @Header('cache-control', 'no-store')
    async show(@Req() request: IncomingMessage | { readonly raw: IncomingMessage }): Promise<Usage> {
      const context = requestContextOf(rawRequest(request));
      return { limits: context === undefined ? [] : await this.#usage(context) };
    }

    /** Compiled by the first question: then all routes are known. */
    get #usage(): UsageOf {
      const { config, limiter, routes } = this.#runtime;
      const classes = new Set(routes.flatMap(({ route }) => route.rateClass ?? []));
      return (this.#usageOf ??= compileUsage(config, limiter, classes));
    }
  }
  return UsageController;
}
