import { isSafe, type OperationInfo } from '@frontage/core';
import { compileDecoder, type Decoder } from '../decode/decode.js';
import type { DecodeOptions } from '../decode/response-decoder.js';
import { compileEncoder, type Encoder } from '../encode/encode.js';
import type { Secrets } from '../policy/secrets.js';
import type { Address } from '../policy/address.js';

/** All that is decided at boot about one operation. */
export interface CompiledOperation {
  readonly info: OperationInfo;
  readonly upstream: string;
  readonly encoder: Encoder;
  readonly decoder: Decoder;
  /** Fields of each response that are kept with its head, in lower case; absent where nothing asks for them. */
  readonly keptFields: ReadonlySet<string> | undefined;
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
  options: DecodeOptions & { readonly credentialHeaders?: readonly string[]; readonly secrets?: Secrets | undefined },
): CompiledOperation {
  const mayAbort = isSafe(info) && info.method !== 'TRACE';
  const key = info.parameters?.find((spec) => spec.in === 'header' && spec.name.toLowerCase() === 'idempotency-key');
  return {
    info,
    upstream: info.contract.upstream,
    encoder: compileEncoder(info, options.credentialHeaders, options.secrets?.names),
    decoder: compileDecoder(info, options),
    keptFields: options.keptFields,
    secrets: options.secrets,
    isSafe: mayAbort,
    isIdempotent: mayAbort || info.method === 'PUT' || info.method === 'DELETE',
    idempotencyKey: key?.name,
    address,
  };
}
