import type { RequestRecord } from './request-record.js';

/** A part of a plan, as a node of its graph. */
export interface PlanNode {
  readonly name: string;
  readonly kind: string;
  readonly need?: string;
  readonly upstream?: string;
  readonly operation?: string;
  /** The nodes whose values it reads. */
  readonly after: readonly string[];
  readonly timeoutMs?: number;
  readonly maxCount?: number;
  readonly hasFallback: boolean;
}

export interface EndpointState {
  readonly method: string;
  readonly path: string;
  readonly handler: string;
  /** Absent for a controller that is written by hand. */
  readonly plan?: {
    readonly name: string;
    readonly source: string;
    readonly deadlineMs: number;
    readonly nodes: readonly PlanNode[];
  };
}

export interface BreakerState {
  /** Absent where one circuit guards the whole upstream. */
  readonly operation?: string;
  readonly state: string;
  readonly isForced: boolean;
}

/** An upstream over the last minute. */
export interface UpstreamState {
  readonly name: string;
  readonly urls: readonly string[];
  /** Operations that some endpoint calls. */
  readonly operations: readonly string[];
  readonly calls: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** The last attempts, the oldest first. */
  readonly recent: readonly { readonly ms: number; readonly isOk: boolean }[];
  /** Empty without a breaker. */
  readonly breakers: readonly BreakerState[];
  /** Calls under way and waiting; absent without a limit. */
  readonly places?: { readonly active: number; readonly queued: number; readonly limit: number };
  /** The sandbox plays it: faults can be set. */
  readonly isSandbox: boolean;
}

/** A fault of the sandbox, as its API takes it. */
export interface FaultState {
  readonly operation?: string;
  readonly latencyMs?: number;
  readonly status?: number;
  readonly reset?: unknown;
  readonly hang?: unknown;
  readonly badPayload?: unknown;
  readonly rate?: number;
}

/** By name of the upstream in the policy of the app. */
export type FaultsState = Readonly<Record<string, readonly FaultState[]>>;

/** One request that reached the sandbox. */
export interface SandboxCall {
  readonly upstream: string;
  readonly operation: string;
  readonly method: string;
  readonly target: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly ms?: number;
  readonly status?: number;
  readonly state: string;
}

export interface SandboxState {
  readonly url: string;
  readonly faults: FaultsState;
  /** The newest first. */
  readonly calls: readonly SandboxCall[];
}

/** All that the page shows when it opens; events change it afterwards. */
export interface DeveloperState {
  readonly app: string;
  readonly environment: string;
  readonly url: string;
  /** Another one after each start of the app: what the page knows is out of date then. */
  readonly boot: string;
  readonly endpoints: readonly EndpointState[];
  readonly upstreams: readonly UpstreamState[];
  /** The newest first. */
  readonly requests: readonly RequestRecord[];
  /** Absent where no sandbox plays upstreams of the app. */
  readonly sandbox?: SandboxState;
}

/** A value of the policy, and the place that it is from. */
export interface PolicyValue {
  /** `upstreams.users.timeout` */
  readonly path: string;
  readonly value: string;
  /** As the file has it, where it names a variable. */
  readonly written?: string;
  /** From the folder in which the app was started. */
  readonly file: string;
  readonly line: number;
}

/** A field of a service that a member is made of. */
export interface WhySource {
  readonly part: string;
  readonly upstream: string;
  readonly operation: string;
  /** `GET /orders` */
  readonly request: string;
  readonly field: string;
  readonly isComputed: boolean;
  readonly need: string;
  /** The response that a client gets without the part. */
  readonly without: string;
  readonly maxAgeMs?: number;
  readonly owner?: string;
}

/** The origin of a member of a response. */
export interface WhyMember {
  readonly member: string;
  readonly expression: string;
  readonly sources: readonly WhySource[];
  readonly mayBe: readonly string[];
  readonly classification?: string;
}
