import type { BffConfig } from '@frontage/config';
import { errorCodes } from '@frontage/core';
import type { RenderedHead, ScreenResult } from '@frontage/aggregation';
import type { Exchange } from '../exchange/exchange.js';
import { writeNotModified, writeProblem, writeResponse } from '../exchange/responder.js';
import type { Route } from '../routes/routes.js';
import type { AnyScreen } from '../routes/screen-of.js';
import { cacheStatus } from '../validators/cache-status.js';
import { compileCaching } from '../validators/client-caching.js';
import type { PartNotes } from '../validators/part-notes.js';
import type { Validation } from '../validators/validation.js';
import { varyingOf } from '../routes/varying.js';
import { compileHeadWriter } from './head-writer.js';

/** The head of a complete response. */
interface Head {
  readonly cacheControl: string;
  /** Flat: name, value, name, value. */
  readonly fields: readonly string[];
}

/** @param validation absent where the screen has no tags */
export type WriteScreen = (exchange: Exchange, result: ScreenResult, validation: Validation | undefined) => void;

interface WriterOptions {
  readonly screen: AnyScreen;
  readonly route: Route;
  readonly config: BffConfig;
  /** The parts of its responses; absent where nothing is said about them. */
  readonly notes: PartNotes | undefined;
}

/** Compiles the writing of the responses of one screen, at boot. */
export function compileScreenWriter({ screen, route, config, notes }: WriterOptions): WriteScreen {
  const isPublic = route.access === 'public';
  const policy = config.screens[screen.plan.name];
  // A response for one caller is private (RFC 9111 section 3.5); a partial one must not be stored.
  const forCaller = policy?.etag === true ? 'private, no-cache' : 'private, no-store';
  const cacheControl = isPublic ? 'no-cache' : forCaller;
  const cachingOf =
    policy?.maxAgeMs === undefined && policy?.cdn === undefined ? undefined : compileCaching(policy, isPublic);
  const fields =
    cachingOf === undefined ? varyBy(isPublic ? [] : ['authorization']) : varyBy(varyingOf(route, config).names);
  const writeHead = compileHeadWriter({
    plan: screen.plan.name,
    fixed: route.fixedHeaders,
    head: screen.head,
    isForCaller: !isPublic,
  });
  const ownHead: Head = { cacheControl, fields };
  const headOf = (exchange: Exchange, rendered: RenderedHead | undefined): Head => {
    let head = ownHead;
    if (writeHead !== undefined) {
      const own = writeHead(rendered);
      head = { cacheControl: own.cacheControl ?? cacheControl, fields: withVary(own.fields, fields) };
    }
    if (notes === undefined) return head;
    const parts = notes.of(exchange.context);
    const caching = cachingOf?.(parts);
    return {
      cacheControl: caching?.cacheControl ?? head.cacheControl,
      fields: [...head.fields, ...(caching?.fields ?? []), ...statusOf(exchange)],
    };
  };
  const statusOf = ({ context }: Exchange): readonly string[] => {
    const { scopes } = config.cacheStatus ?? {};
    if (scopes === undefined || notes === undefined) return [];
    const status = cacheStatus(config.bff, scopes, context.caller, notes.of(context));
    return status === undefined ? [] : ['cache-status', status];
  };
  return (exchange, result, validation) => {
    switch (result.kind) {
      case 'complete': {
        const head = headOf(exchange, result.head);
        if (validation === undefined) return writeResponse(exchange, result, head.cacheControl, head.fields);
        const body = Buffer.from(result.body, result.encoding);
        if (validation.take(result, body))
          return writeNotModified(exchange, validation.tag, head.cacheControl, head.fields);
        return writeResponse(exchange, { body, encoding: result.encoding }, head.cacheControl, [
          'etag',
          validation.tag,
          ...head.fields,
        ]);
      }
      case 'unchanged': {
        const head = headOf(exchange, result.head);
        return writeNotModified(exchange, validation?.tag ?? '', head.cacheControl, head.fields);
      }
      case 'partial': {
        exchange.context.missingParts = result.missing;
        const parts = result.header === undefined ? [] : ['frontage-parts', result.header];
        const own = writeHead?.(result.head).fields ?? [];
        return writeResponse(exchange, result, 'no-store', [...own, ...parts, ...statusOf(exchange)]);
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
  };
}

const varyBy = (names: readonly string[]): readonly string[] => (names.length === 0 ? [] : ['vary', names.join(', ')]);

/** A response has one list of the fields that it varies by. */
function withVary(fields: readonly string[], own: readonly string[]): readonly string[] {
  const [vary, names] = own;
  if (vary === undefined || names === undefined) return fields;
  const at = fields.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === vary);
  return at === -1 ? [...fields, ...own] : fields.with(at + 1, `${fields[at + 1] ?? ''}, ${names}`);
}
