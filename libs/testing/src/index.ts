export { ManualClock } from './manual-clock.js';
export { rawReplies } from './raw-replies.js';
export { RawServer, type RawReply, type RawRequest } from './raw-server.js';
export { readAnswer } from './read-answer.js';
export { redisIsInstalled, RedisServer } from './redis.js';
export { failure, on, reply, timeout, type OperationReply, type Reply, type ReplyOptions } from './replies.js';
export {
  runPlan,
  runScreen,
  type MadeCall,
  type PlanRun,
  type Replies,
  type RunPlanOptions,
  type RunTrace,
  type ScreenRun,
} from './run-plan.js';
export { SandboxProcess, workspaceRoot, type SandboxProcessOptions, type WorldToken } from './sandbox-process.js';
export { sourceArguments, SourceProcess, type SourceProcessOptions } from './source-process.js';
export { startWorld, type World, type WorldOptions } from './world.js';
