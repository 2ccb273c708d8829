export { DnsServer, type DnsReply, type DnsService } from './servers/dns-server.js';
export { FaultProxy, type ConnectionFaults, type FaultProxyOptions, type FaultStep } from './servers/fault-proxy.js';
export { ManualClock } from './clocks/manual-clock.js';
export { rawReplies } from './servers/raw-replies.js';
export { RawServer, type RawReply, type RawRequest } from './servers/raw-server.js';
export { missingIn, readIncident, type LateReply, type RecordedIncident } from './plans/incident.js';
export { readResponse } from './plans/read-response.js';
export { redisIsInstalled, RedisServer } from './servers/redis.js';
export {
  failure,
  on,
  reply,
  timeout,
  type OperationReply,
  type Reply,
  type ReplyOptions,
  type ValueReplyOptions,
} from './plans/replies.js';
export {
  runPlan,
  runScreen,
  type MadeCall,
  type PlanRunResult,
  type Replies,
  type RunPlanOptions,
  type RunTrace,
  type ScreenRun,
} from './plans/run-plan.js';
export {
  SandboxProcess,
  workspaceRoot,
  type SandboxProcessOptions,
  type WorldToken,
} from './servers/sandbox-process.js';
export { sourceArguments, SourceProcess, type SourceProcessOptions } from './servers/source-process.js';
export { startWorld, type World, type WorldOptions } from './servers/world.js';
