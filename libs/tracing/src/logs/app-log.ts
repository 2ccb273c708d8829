import { describeValue, redact } from '@frontage/core';
import { requestScope } from '@frontage/context';
import type { CallerHash } from './caller-hash.js';
import { IsoTime } from './iso-time.js';
import type { LineLevel, LogLevels } from './log-levels.js';

/** Members that a line has anyway: one of the app's own by that name gets an underscore behind it. */
const taken: ReadonlySet<string> = new Set([
  'level', 'time', 'app', 'logger', 'requestId', 'traceId', 'method', 'route', 'caller', 'msg',
]); // prettier-ignore
/** A line is at most that long; members of a longer one are left out. In characters. */
const MAX_LINE_LENGTH = 16_384;
const MAX_LOGGER_LENGTH = 200;
/** Messages of code are few and come again; what is beyond, or longer, is rendered anew each time. */
const MAX_QUOTED = 1_000;
const MAX_QUOTED_LENGTH = 100;

/** Members of a log line, by name. An error has its type, message and stack; values of secrets and of classified members are taken out. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * A logger of an app's own code: JSON lines in the log of the app, each with the ids of its request, in whatever is awaited or called within it.
 * Nothing is thrown, and a line below the level costs a comparison.
 */
export interface AppLogger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** True if a line of this level would be written, for one whose fields cost something. */
  isEnabled(level: 'debug' | 'info' | 'warn' | 'error'): boolean;
}

/** The lines of an app's own code, in the form of the line of a request. */
export class AppLog {
  readonly #app: string;
  readonly #levels: LogLevels;
  readonly #hash: CallerHash;
  readonly #write: (line: string) => void;
  readonly #time = new IsoTime();
  readonly #quoted = new Map<string, string>();

  constructor(app: string, levels: LogLevels, hash: CallerHash, write: (line: string) => void) {
    this.#app = JSON.stringify(app);
    this.#levels = levels;
    this.#hash = hash;
    this.#write = write;
  }

  /** @param name stands in each of its lines as `logger` */
  logger(name: string): AppLogger {
    const at =
      (level: LineLevel) =>
      (message: string, fields?: LogFields): void =>
        this.write(level, name, message, fields);
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      isEnabled: (level) => this.isEnabled(level, name),
    };
  }

  isEnabled(level: LineLevel, logger: string): boolean {
    return this.#levels.takes(level, requestScope(), logger);
  }

  write(level: LineLevel, logger: string, message: unknown, fields?: LogFields): void {
    const scope = requestScope();
    if (!this.#levels.takes(level, scope, logger)) return;
    let line = `{"level":"${level}","time":"${this.#time.of(Date.now())}","app":${this.#app}`;
    if (logger !== '') line += `,"logger":${this.#quote(logger.slice(0, MAX_LOGGER_LENGTH))}`;
    if (scope !== undefined) {
      const { requestId, traceId, method, route, caller } = scope;
      line += `,"requestId":${JSON.stringify(requestId)},"traceId":"${traceId}","method":${JSON.stringify(method)},"route":${JSON.stringify(route)}`;
      if (caller !== undefined) line += `,"caller":"${this.#hash.of(caller)}"`;
    }
    line += `,"msg":${this.#quote(message)}`;
    const more = fields === undefined ? '' : membersOf(fields);
    line += line.length + more.length <= MAX_LINE_LENGTH ? more : ',"fieldsLeftOut":true';
    this.#write(`${line}}\n`);
  }

  #quote(message: unknown): string {
    if (typeof message !== 'string') return JSON.stringify(describeValue(message) ?? null);
    const known = this.#quoted.get(message);
    if (known !== undefined) return known;
    const quoted = JSON.stringify(redact(message));
    if (this.#quoted.size < MAX_QUOTED && message.length <= MAX_QUOTED_LENGTH) this.#quoted.set(message, quoted);
    return quoted;
  }
}

function membersOf(fields: LogFields): string {
  const described = describeValue(fields);
  if (typeof described !== 'object' || described === null) return '';
  let text = '';
  for (const [name, value] of Object.entries(described)) {
    if (value === undefined) continue;
    text += `,${JSON.stringify(taken.has(name) ? `${name}_` : name)}:${JSON.stringify(value)}`;
  }
  return text;
}
