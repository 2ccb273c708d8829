export { attachRequestContext, requestContextOf } from './attach.js';
export type { Caller, ClaimValue } from './caller.js';
export {
  callerRule,
  refusalOfCaller,
  type CallerConditions,
  type CallerRefusal,
  type CallerRule,
} from './caller-rule.js';
export type { TokenKey } from './token-key.js';
export { CallFailures, type CallFailure } from './call-failure.js';
export type { BodyReader, CallScope, Executor } from './call-scope.js';
export { KeptResponses, type ResponseKeeper } from './kept-responses.js';
export {
  RequestContext,
  noteFailure,
  noteViolation,
  type CallEnded,
  callEnd,
  openCall,
  type CallRecord,
  type CallStart,
  type InboundHeaders,
  type Refusal,
  type RequestEnded,
  type SenderTrace,
} from './request-context.js';
export {
  formatTraceparent,
  isInSample,
  isRandomTrace,
  newSpanId,
  newTraceId,
  readTraceparent,
  type TraceParent,
} from './trace/trace-context.js';
export { RequestNotes, type CacheResult, type CacheUse, type PlanNote } from './request-notes.js';
export { inRequestScope, noteRequestScope, requestScope, type RequestScope } from './request-scope.js';
