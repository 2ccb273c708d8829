export { isLoopback, readIpAddress, type IpAddress } from './addresses/ip-address.js';
export { isServiceName } from './addresses/service-name.js';
export { ChainVerifier, HashChain, lineHash, type VerifiedChain, type VerifiedLog } from './audit/hash-chain.js';
export {
  atOnce,
  heedRejection,
  validateNow,
  type Validated,
  type Validating,
  type ValidationIssue,
} from './at-once.js';
export { callPlace, sourcePlace, type CallPlace } from './call-site.js';
export { Cancellation, type CancelReason } from './time/cancellation.js';
export { greatestAgeMs, statedAgeMs, type CacheTimes } from './time/cached-age.js';
export {
  channels,
  type BreakerChanged,
  type BusinessEvent,
  type CacheUsed,
  type ScreenReused,
  type SignalRaised,
  type CallHedged,
  type AddressOut,
  type CallShed,
  type Warning,
  type ContractBroken,
  type LenientSuccess,
  type SecurityDecision,
  type UnaskedBytes,
  type UnhandledRejection,
} from './channels/channels.js';
export { boundSending, type SendLimits } from './connections/send-bounds.js';
export { systemClock, type Clock, type Timer } from './time/clock.js';
export { Reloader, versionOfFile, type ChangingSource } from './time/reloader.js';
export { errorCodes, type ErrorCode, type ErrorKind } from './errors/error-codes.js';
export { isTooDeep, maxJsonDepth } from './json/depth.js';
export { isExactNumber, maybeHasInexactNumber, parseExactly, type InPlaceOf } from './json/exact-numbers.js';
export { findInexact, InexactNumber, isInexact, markInexact, parseWithPlaceholders } from './json/inexact-number.js';
export { listen } from './channels/listen.js';
export { mediaKind, type MediaKind } from './media-kind.js';
export type { Names, NameWatcher, ServicePlace } from './names.js';
export { memoryFlags, type MemoryOfProcesses } from './processes/memory-flags.js';
export { nearest } from './nearest.js';
export {
  isSafe,
  markSafe,
  removingMethods,
  safeMethods,
  SchemaTable,
  type BodySpec,
  type CallArgs,
  type Contract,
  type JsonSchema,
  type Method,
  type Operation,
  type OperationInfo,
  type ParameterPlace,
  type ParameterSpec,
  type ParameterStyle,
  type PartHeader,
  type PropertyEncoding,
  type ResponseHeaderSpec,
  type RemovingMethod,
  type ResponseSpec,
  type SafeMethod,
  type SchemaValidator,
  type SchemaViolation,
  type SecurityScheme,
  bodySchemaOf,
  type Integer64,
  type IntegerFormat,
} from './operation.js';
export { classifyNames } from './redaction/classified-names.js';
export { describeError, type DescribedError } from './redaction/describe-error.js';
export { describeValue } from './redaction/describe-value.js';
export { errorText, saidText } from './redaction/error-text.js';
export { redact } from './redaction/redact.js';
export { redactValue } from './redaction/redact-value.js';
export { shownPath } from './shown-path.js';
export { requireAtLeast, requireCount, requireRatio } from './ranges.js';
export { table } from './table.js';
export { ownedHeaders, replaceableHeaders } from './owned-headers.js';
export type { ReuseCounts } from './reuse.js';
export { cutAfter, sinksWithinMs } from './processes/cut-after.js';
export { whenParentEnds } from './processes/parent-watch.js';
export { tuneCollector } from './processes/collector.js';
export { uncompiled } from './processes/compilers.js';
export {
  fail,
  fateOf,
  isIndeterminate,
  nothingSent,
  succeed,
  type Failure,
  type MissingStatus,
  type Outcome,
  type ResponseFields,
  type Success,
  type WriteFate,
  type WritesReport,
} from './errors/outcome.js';
export {
  ProblemError,
  problemOf,
  unreadablePayload,
  type FieldError,
  type Problem,
  type ProblemDetails,
  type ProblemOptions,
} from './errors/problem.js';
export type { DeepReadonly } from './sharing/deep-readonly.js';
export { copyDeep } from './sharing/copy-deep.js';
export { unknownInstanceIn } from './sharing/value-kinds.js';
export { keptTimesOf, noteKept, type KeptTimes } from './sharing/kept-times.js';
export { handOut, isHandedOut, originalOf, share, standIn } from './sharing/shared-value.js';
export { incidentOf, type Incident, type IncidentCall, type IncidentResponse } from './incidents/incident.js';
