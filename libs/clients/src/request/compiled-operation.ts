import { isSafe, type Method, type OperationInfo } from '@frontage/core';
import { compileDecoder, type Decoder } from '../decode/decode.js';
import type { DecodeOptions } from '../decode/response-decoder.js';
import { compileEncoder, type Encoder } from '../encode/encode.js';
import type { Secrets } from '../policy/secrets.js';
import type { Address } from '../policy/address.js';

/** The part of a call that the groups of its responses concern. */
export interface GroupedRequest {
  readonly method: Method;
  /** The fields `Cache-Groups` of the response, where policy asks for them (RFC 9875). */
  cacheGroups: readonly string[];
  /** Groups that a response to this write has made invalid; resolves when that is done. */
  invalidation: Promise<void> | undefined;
}

/** A header field of responses with the names of groups of the cache (RFC 9875). */
export interface GroupField {
  readonly name: 'cache-groups' | 'cache-group-invalidation';
  /** @param field absent in a response without it */
  take(request: GroupedRequest, field: string | undefined): void;
}

/** All that is decided at boot about one operation. */
export interface CompiledOperation {
  readonly info: OperationInfo;
  readonly upstream: string;
  readonly encoder: Encoder;
  readonly decoder: Decoder;
  /** Fields of each response that are kept with its head, in lower case; absent where nothing asks for them. */
  readonly keptFields: ReadonlySet<string> | undefined;
  /** Header fields that are read beside those of HTTP itself, in lower case. */
  readonly fields: ReadonlySet<string> | undefined;
  /** Absent where policy does not ask for it. */
  readonly groupField: GroupField | undefined;
  /** Absent where the contract asks for none, or policy has none. */
  readonly secrets: Secrets | undefined;
  /** Changes nothing upstream: may be aborted at any time (RFC 9110 section 9.2.1). */
  readonly isSafe: boolean;
  /** Doing it twice is doing it once (RFC 9110 section 9.2.2): may be sent again. */
  readonly isIdempotent: boolean;
  /** Name under which an argument makes any method idempotent, where the operation declares the header. */
  readonly idempotencyKey: string | undefined;
  /** The first address of the upstream. */
  readonly address: Address;
}

/** @throws Error at boot for an operation that cannot be written */
export function compileOperation(
  info: OperationInfo,
  address: Address,
  options: DecodeOptions & {
    readonly credentialHeaders?: readonly string[];
    readonly secrets?: Secrets | undefined;
    readonly groupField?: GroupField | undefined;
  },
): CompiledOperation {
  const mayAbort = isSafe(info) && info.method !== 'TRACE';
  const key = info.parameters?.find((spec) => spec.in === 'header' && spec.name.toLowerCase() === 'idempotency-key');
  const decoder = compileDecoder(info, options);
  const { groupField } = options;
  return {
    info,
    upstream: info.contract.upstream,
    encoder: compileEncoder(info, options.credentialHeaders, options.secrets?.names),
    decoder,
    keptFields: options.keptFields,
    fields: groupField === undefined ? decoder.fields : new Set(decoder.fields).add(groupField.name),
    groupField,
    secrets: options.secrets,
    isSafe: mayAbort,
    isIdempotent: mayAbort || info.method === 'PUT' || info.method === 'DELETE',
    idempotencyKey: key?.name,
    address,
  };
}
