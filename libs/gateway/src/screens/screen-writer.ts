import type { BffConfig } from '@frontage/config';
import { channels, errorCodes, type ScreenReused } from '@frontage/core';
import type { CompleteResponse, RenderedHead, ScreenResult } from '@frontage/aggregation';
import type { Exchange } from '../exchange/exchange.js';
import { writeNotModified, writeProblem, writeResponse } from '../exchange/responder.js';
import type { Route } from '../routes/routes.js';
import type { AnyScreen } from '../routes/screen-of.js';
import { varyingOf } from '../routes/varying.js';
import { cacheStatus } from '../validators/cache-status.js';
import { compileCaching, type CachingOf } from '../validators/client-caching.js';
import { deltaOf, deltaType, digestsField, haveField } from '../validators/deltas.js';
import type { KeptScreen } from '../validators/kept-screens.js';
import type { PartNote, PartNotes } from '../validators/part-notes.js';
import type { Validation } from '../validators/validation.js';
import { compileHeadWriter, type WriteHead } from './head-writer.js';

/** The head of a complete response. */
interface Head {
  readonly cacheControl: string;
  /** Flat: name, value, name, value. */
  readonly fields: readonly string[];
}

interface WriterOptions {
  readonly screen: AnyScreen;
  readonly route: Route;
  readonly config: BffConfig;
  /** The parts of its responses; absent where nothing is said about them. */
  readonly notes: PartNotes | undefined;
}

/** Writes the responses of one screen, as policy says; made at boot. */
export class ScreenWriter {
  readonly #plan: string;
  readonly #config: BffConfig;
  readonly #notes: PartNotes | undefined;
  readonly #hasDeltas: boolean;
  readonly #cachingOf: CachingOf | undefined;
  readonly #writeHead: WriteHead | undefined;
  /** Of a screen without headers of its own. */
  readonly #plain: Head;

  constructor({ screen, route, config, notes }: WriterOptions) {
    const isPublic = route.access === 'public';
    const policy = config.screens[screen.plan.name];
    const isUsed = policy?.maxAgeMs !== undefined || policy?.cdn !== undefined;
    this.#plan = screen.plan.name;
    this.#config = config;
    this.#notes = notes;
    this.#hasDeltas = policy?.deltas === true;
    this.#cachingOf = isUsed ? compileCaching(policy, isPublic) : undefined;
    this.#writeHead = compileHeadWriter({
      plan: screen.plan.name,
      fixed: route.fixedHeaders,
      head: screen.head,
      isForCaller: !isPublic,
    });
    // A response for one caller is private (RFC 9111 section 3.5); a partial one must not be stored.
    const forCaller = policy?.etag === true ? 'private, no-cache' : 'private, no-store';
    const perCaller = isPublic ? [] : ['authorization'];
    this.#plain = {
      cacheControl: isPublic ? 'no-cache' : forCaller,
      fields: varyBy([
        ...(isUsed ? varyingOf(route, config).names : perCaller),
        ...(this.#hasDeltas ? [haveField] : []),
      ]),
    };
  }

  /** @param validation absent where the screen has no tags */
  write(exchange: Exchange, result: ScreenResult, validation: Validation | undefined): void {
    switch (result.kind) {
      case 'complete': {
        const have = this.#heldBy(exchange);
        if (have !== undefined) return this.#writeDelta(exchange, result, have);
        const head = this.#headOf(exchange, result.head, this.#notes?.of(exchange.context));
        if (validation === undefined) return writeResponse(exchange, result, head.cacheControl, head.fields);
        const body = Buffer.from(result.body, result.encoding);
        if (validation.take(result, body)) return this.#notModified(exchange, validation, head);
        return writeTagged(exchange, { ...result, body }, validation, head);
      }
      case 'unchanged': {
        const head = this.#headOf(exchange, result.head, this.#notes?.of(exchange.context));
        return this.#notModified(exchange, validation, head);
      }
      case 'partial': {
        exchange.context.missingParts = result.missing;
        const parts = result.header === undefined ? [] : ['frontage-parts', result.header];
        const own = this.#writeHead?.(result.head).fields ?? [];
        const status = this.#statusOf(exchange, this.#notes?.of(exchange.context));
        return writeResponse(exchange, result, 'no-store', [...own, ...parts, ...status]);
      }
      case 'problem':
        return writeProblem(exchange, {
          ...result,
          // A problem that the screen declares is complete as it is: the part would distinguish the order of another customer from
          // one that does not exist (RELIABILITY A9).
          part: Object.hasOwn(errorCodes, result.code) ? result.part : undefined,
        });
      case 'cancelled':
        exchange.response.destroy();
        return undefined;
    }
  }

  /** @param parts as old as they are by now */
  writeKept(
    exchange: Exchange,
    { response, tag }: KeptScreen,
    parts: readonly PartNote[],
    validation: Validation | undefined,
  ): void {
    const have = this.#heldBy(exchange);
    if (have !== undefined) return this.#writeDelta(exchange, response, have);
    const head = this.#headOf(exchange, response.head, this.#notes && parts);
    if (validation === undefined || tag === undefined)
      return writeResponse(exchange, response, head.cacheControl, head.fields);
    if (validation.takeTagged(tag)) return this.#notModified(exchange, validation, head);
    return writeTagged(exchange, response, validation, head);
  }

  #notModified(exchange: Exchange, validation: Validation | undefined, { cacheControl, fields }: Head): void {
    writeNotModified(exchange, cacheControl, [...tagField(validation), ...fields]);
    this.#tellReuse('not_modified');
  }

  /** The answer to a client that merges; made for it alone, so that no cache keeps it. */
  #writeDelta(exchange: Exchange, { body, encoding, head }: CompleteResponse, have: string): void {
    const { fields } = this.#headOf(exchange, head, undefined);
    const delta = deltaOf(body, have);
    const digests = delta.digests === undefined ? [] : [digestsField, delta.digests];
    const type = delta.isDelta ? { type: deltaType } : {};
    writeResponse(exchange, { body: delta.body, encoding, ...type }, 'private, no-store', [...digests, ...fields]);
    if (delta.isDelta) this.#tellReuse('delta');
  }

  /** The digests that a client holds, where it can merge and the screen has deltas. */
  #heldBy({ request }: Exchange): string | undefined {
    const have = this.#hasDeltas ? request.headers[haveField] : undefined;
    return typeof have === 'string' ? have : undefined;
  }

  #tellReuse(result: ScreenReused['result']): void {
    if (channels.screenReused.hasSubscribers)
      channels.screenReused.publish({ screen: this.#plan, result } satisfies ScreenReused);
  }

  #headOf(exchange: Exchange, rendered: RenderedHead | undefined, parts: readonly PartNote[] | undefined): Head {
    let head = this.#plain;
    if (this.#writeHead !== undefined) {
      const own = this.#writeHead(rendered);
      head = {
        cacheControl: own.cacheControl ?? head.cacheControl,
        fields: withVary(own.fields, head.fields),
      };
    }
    if (parts === undefined) return head;
    const caching = this.#cachingOf?.(parts);
    return {
      cacheControl: caching?.cacheControl ?? head.cacheControl,
      fields: [...head.fields, ...(caching?.fields ?? []), ...this.#statusOf(exchange, parts)],
    };
  }

  #statusOf({ context }: Exchange, parts: readonly PartNote[] | undefined): readonly string[] {
    const { bff, cacheStatus: rule } = this.#config;
    const status = rule && parts && cacheStatus(bff, rule, context.caller, parts);
    return status === undefined ? [] : ['cache-status', status];
  }
}

const writeTagged = (
  exchange: Exchange,
  response: Pick<CompleteResponse, 'encoding'> & { readonly body: string | Buffer },
  validation: Validation,
  { cacheControl, fields }: Head,
): void => writeResponse(exchange, response, cacheControl, [...tagField(validation), ...fields]);

const tagField = (validation: Validation | undefined): readonly string[] =>
  validation?.tag === undefined ? [] : ['etag', validation.tag];

const varyBy = (names: readonly string[]): readonly string[] => (names.length === 0 ? [] : ['vary', names.join(', ')]);

/** A response has one list of the fields that it varies by. */
function withVary(fields: readonly string[], own: readonly string[]): readonly string[] {
  const [vary, names] = own;
  if (vary === undefined || names === undefined) return fields;
  const at = fields.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === vary);
  return at === -1 ? [...fields, ...own] : fields.with(at + 1, `${fields[at + 1] ?? ''}, ${names}`);
}
