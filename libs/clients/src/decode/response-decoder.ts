import type { KeptReader } from '@frontage/caching';
import type { BodyReader } from '@frontage/context';
import type { MediaKind, Outcome } from '@frontage/core';
import type { NumberRule } from './decode-json.js';
import type { Lenience } from './lenience.js';
import type { ResponseCheck } from './response-check.js';

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

export interface DecodeOptions {
  readonly bigNumbers: NumberRule;
  /** Holds successes against their schemas; absent where policy does not ask for it. */
  readonly check?: ResponseCheck | undefined;
  /** The departures from the contract that are accepted. @default none */
  readonly lenience?: Lenience | undefined;
  /** The reader for the JSON body of a success, where it is not parsed. */
  readonly readBody?: BodyReader | undefined;
  /** The JSON body of a success is kept as it arrived, for this reader and for others; absent where its value is all that is needed. */
  readonly keep?: KeptReader | undefined;
  /** Fields that are kept with the head of each response, in lower case. @default none */
  readonly keptFields?: ReadonlySet<string> | undefined;
  /** Milliseconds since 1970: `Retry-After` may be a date. */
  readonly wallTime: () => number;
}
