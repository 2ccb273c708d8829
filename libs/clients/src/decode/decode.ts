import type { BodyReader } from '@frontage/context';
import {
  fail,
  type Failure,
  type MediaKind,
  type OperationInfo,
  type Outcome,
  type ResponseSpec,
} from '@frontage/core';
import { compileReaders, type MediaSpec } from './decode-media.js';
import type { ResponseCheck } from './response-check.js';
import { badPayload, failed } from '../failures/failures.js';
import { retryAfterMs } from './retry-after.js';
import type { NumberRule } from './decode-json.js';

/** Header fields of a response by lower-case name, as undici and node:http give them. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Reads the response of one status. */
export interface ResponseDecoder {
  /** `false`: the body is counted and dropped. */
  readonly wantsBody: boolean;
  decode(status: number, headers: ResponseHeaders, bytes: Buffer): Outcome<unknown>;
  /** Of a success with a body: the kind it is of, or what is wrong with its content type. */
  readonly kindOf?: (headers: ResponseHeaders) => { readonly kind: MediaKind } | string;
}

/** Decided at boot from the contract; one look-up per response. */
export interface Decoder {
  decoderFor(status: number): ResponseDecoder;
}

export interface DecodeOptions {
  readonly bigNumbers: NumberRule;
  /** Holds successes against their schemas; absent where policy does not ask for it. */
  readonly check?: ResponseCheck | undefined;
  /** How the JSON body of a success is read, where not by parsing it. */
  readonly readBody?: BodyReader | undefined;
  /** Milliseconds since 1970: `Retry-After` may be a date. */
  readonly wallTime: () => number;
}

export function compileDecoder(operation: OperationInfo, options: DecodeOptions): Decoder {
  const known = new Map<number, ResponseDecoder>();
  const decoderOf = (status: number): ResponseDecoder => {
    const specs = specsFor(operation.responses, status);
    return status < 300
      ? successDecoder(operation, status, specs, options)
      : failureDecoder(
          specs,
          options,
          specs.some((spec) => spec.status !== 'default'),
        );
  };
  return {
    decoderFor(status) {
      let decoder = known.get(status);
      if (decoder === undefined) {
        // Three digits by the grammar of HTTP: the table stays below a thousand entries.
        decoder = decoderOf(status);
        known.set(status, decoder);
      }
      return decoder;
    },
  };
}

/** OpenAPI 3.1 section 4.8.16: the explicit code wins over its range, the range over `default`. */
function specsFor(responses: readonly ResponseSpec[], status: number): readonly ResponseSpec[] {
  const range = `${Math.floor(status / 100)}XX`;
  for (const name of [String(status), range, 'default']) {
    const specs = responses.filter((response) => response.status.toUpperCase() === name.toUpperCase());
    if (specs.length > 0) return specs;
  }
  return [];
}

const nothing: Outcome<undefined> = Object.freeze({ ok: true, value: undefined });
const withoutBody: ResponseDecoder = { wantsBody: false, decode: () => nothing };

/** RFC 9110 sections 15.3.5 and 15.3.6 hold against a contract that declares a body. */
const neverHasContent = (status: number): boolean => status === 204 || status === 205;

function successDecoder(
  operation: OperationInfo,
  expected: number,
  specs: readonly ResponseSpec[],
  options: DecodeOptions,
): ResponseDecoder {
  // OpenAPI 3.1 allows an operation to declare no response at all: then any success is one, of which nothing can be said.
  if (operation.responses.length === 0) return withoutBody;
  // `default` describes the success only where nothing else does.
  const declaresSuccess = operation.responses.some((response) => response.status.startsWith('2'));
  if (specs.length === 0 || (declaresSuccess && specs.every((spec) => spec.status === 'default'))) {
    return { wantsBody: false, decode: (status) => badPayload(`status ${status} is not declared`, status) };
  }
  const media = specs.filter(hasMedia);
  if (media.length === 0 || operation.method === 'HEAD' || neverHasContent(expected)) return withoutBody;
  const findReader = compileReaders(media, options);
  return {
    wantsBody: true,
    decode(status, headers, bytes) {
      const reader = findReader(headers['content-type']);
      const body = typeof reader === 'string' ? reader : reader.read(bytes);
      return typeof body === 'string' ? badPayload(body, status) : body;
    },
    kindOf: (headers) => findReader(headers['content-type']),
  };
}

function failureDecoder(specs: readonly ResponseSpec[], options: DecodeOptions, isDeclared: boolean): ResponseDecoder {
  const media = specs.filter(hasMedia);
  const { bigNumbers } = options;
  const findReader = media.length === 0 ? undefined : compileReaders(media, { bigNumbers });
  return {
    wantsBody: findReader !== undefined,
    decode(status, headers, bytes) {
      const failure = failureOfStatus(status, isDeclared, headers, options);
      if (specs.length === 0 || status < 400) return failure;
      if (findReader === undefined) return { ...failure, declared: { status, body: undefined } };
      // A body that is not what was declared (the page of a proxy) says no more than its status does.
      const reader = findReader(headers['content-type']);
      const body = typeof reader === 'string' ? reader : reader.read(bytes);
      return typeof body === 'string' ? failure : { ...failure, declared: { status, body: body.value } };
    },
  };
}

function hasMedia(spec: ResponseSpec): spec is ResponseSpec & MediaSpec {
  return spec.media !== undefined;
}

function failureOfStatus(
  status: number,
  isDeclared: boolean,
  headers: ResponseHeaders,
  options: DecodeOptions,
): Failure {
  const detail = `responded with status ${status}`;
  switch (status) {
    case 404:
      // Not declared, it rather means that we ask the wrong address than that the resource is gone.
      if (!isDeclared) break;
      return fail('GW_NOT_FOUND', { detail, upstreamStatus: status });
    case 401:
    case 403:
      return fail('GW_UPSTREAM_REFUSED', { detail, upstreamStatus: status });
    case 408:
      return fail('GW_UPSTREAM_TIMEOUT', { detail, upstreamStatus: status });
    case 429:
    case 503: {
      const waitMs = retryAfterMs(headers['retry-after'], options.wallTime());
      const failure = failed(detail, status);
      return waitMs === undefined ? failure : { ...failure, retryAfterMs: waitMs };
    }
  }
  return failed(status < 400 ? `${detail}: redirects are not followed` : detail, status);
}
