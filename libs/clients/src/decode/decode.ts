import { fail, type Failure, type OperationInfo, type ResponseSpec } from '@frontage/core';
import { compileReaders, hasMedia } from './decode-media.js';
import { successDecoder } from './decode-success.js';
import { failed } from '../failures/failures.js';
import type { DecodeOptions, ResponseDecoder, ResponseHeaders } from './response-decoder.js';
import { compileFields, fieldNames } from './response-fields.js';
import { retryAfterMs } from './retry-after.js';

/** Decided at boot from the contract; one look-up per response. */
export interface Decoder {
  /** Header fields that are read beside those of HTTP itself, in lower case. */
  readonly fields: ReadonlySet<string> | undefined;
  decoderFor(status: number): ResponseDecoder;
}

export function compileDecoder(operation: OperationInfo, options: DecodeOptions): Decoder {
  const known = new Map<number, ResponseDecoder>();
  const fields = compileFields(operation);
  const decoderOf = (status: number): ResponseDecoder => {
    const specs = specsFor(operation.responses, status);
    return status < 300
      ? withFields(successDecoder(operation, status, specs, options), fields)
      : failureDecoder(
          specs,
          options,
          specs.some((spec) => spec.status !== 'default'),
        );
  };
  return {
    fields: fieldNames(operation, options.keptFields),
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

/** A success beside the headers that its contract declares. */
function withFields(decoder: ResponseDecoder, fields: ReturnType<typeof compileFields>): ResponseDecoder {
  if (fields === undefined) return decoder;
  return {
    ...decoder,
    decode(status, headers, bytes) {
      const outcome = decoder.decode(status, headers, bytes);
      return outcome.ok ? { ...outcome, headers: fields(headers) } : outcome;
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

function failureDecoder(specs: readonly ResponseSpec[], options: DecodeOptions, isDeclared: boolean): ResponseDecoder {
  const media = specs.filter(hasMedia);
  const { bigNumbers } = options;
  const readers = media.length === 0 ? undefined : compileReaders(media, { bigNumbers });
  return {
    wantsBody: readers !== undefined,
    decode(status, headers, bytes) {
      const failure = failureOfStatus(status, isDeclared, headers, options);
      if (specs.length === 0 || status < 400) return failure;
      if (readers === undefined) return { ...failure, declared: { status, body: undefined } };
      // A body that is not what was declared (the page of a proxy) says no more than its status does.
      const reader = readers.find(headers['content-type']);
      const body = typeof reader === 'string' ? reader : reader.read(bytes);
      return typeof body === 'string' ? failure : { ...failure, declared: { status, body: body.value } };
    },
  };
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
