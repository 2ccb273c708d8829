import { Inject, Injectable, type LoggerService } from '@nestjs/common';
import { describeValue } from '@frontage/core';
import type { AppLog } from '@frontage/tracing';
import { RUNTIME, type GatewayRuntime } from '../runtime/runtime.js';

/** Loggers of Nest itself whose lines of level `log` tell what the start does, one line per route and provider. */
const startLoggers: ReadonlySet<unknown> = new Set([
  'InstanceLoader', 'LegacyRouteConverter', 'NestApplication', 'NestFactory', 'RouterExplorer', 'RoutesResolver',
]); // prettier-ignore

/** The further arguments of a line that are texts with this in them are stacks. */
const stackLine = /\n\s+at /;

/**
 * Nest's `Logger` writes to the log of the app: JSON lines with the ids of the request, without secrets, at the levels of policy (`log`,
 * `verbose` and `fatal` are `info`, `debug` and `fatal` there). `createGateway` sets it up; an application of a team's own does so with
 * `app.useLogger(app.get(FrontageLogger))`.
 */
@Injectable()
export class FrontageLogger implements LoggerService {
  readonly #log: AppLog | undefined;

  constructor(@Inject(RUNTIME) { telemetry }: GatewayRuntime) {
    this.#log = telemetry.ownLog;
  }

  log(message: unknown, ...more: readonly unknown[]): void {
    if (!startLoggers.has(more.at(-1))) this.#write('info', message, more);
  }

  error(message: unknown, ...more: readonly unknown[]): void {
    this.#write('error', message, more);
  }

  warn(message: unknown, ...more: readonly unknown[]): void {
    this.#write('warn', message, more);
  }

  debug(message: unknown, ...more: readonly unknown[]): void {
    this.#write('debug', message, more);
  }

  verbose(message: unknown, ...more: readonly unknown[]): void {
    this.#write('debug', message, more);
  }

  fatal(message: unknown, ...more: readonly unknown[]): void {
    this.#write('fatal', message, more);
  }

  /** Nest passes the name of the logger behind all other arguments. */
  #write(level: 'debug' | 'info' | 'warn' | 'error' | 'fatal', message: unknown, more: readonly unknown[]): void {
    const last = more.at(-1);
    const isNamed = typeof last === 'string' && !stackLine.test(last);
    const name = isNamed ? last : '';
    if (this.#log?.isEnabled(level, name) !== true) return;
    const texts: string[] = [];
    const fields: Record<string, unknown> = {};
    for (const one of [message, ...(isNamed ? more.slice(0, -1) : more)]) {
      if (one === undefined) continue;
      if (typeof one === 'string' && stackLine.test(one)) fields['stack'] = one;
      else if (typeof one === 'string') texts.push(one);
      else if (typeof one === 'number' || typeof one === 'boolean') texts.push(`${one}`);
      else if (one instanceof Error) fields['error'] = one;
      else if (typeof one === 'object' && one !== null && !Array.isArray(one))
        Object.assign(fields, describeValue(one));
      else fields['value'] = one;
    }
    const text = texts.length === 0 && message instanceof Error ? message.message : texts.join(' ');
    this.#log.write(level, name, text, fields);
  }
}
