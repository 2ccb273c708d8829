import type { CacheTimes } from '@frontage/core';
/** The output of `--describe` as far as commands read it; an app of an older version may lack the optional members. */
export interface AppDescription {
  readonly bff: string;
  readonly endpoints: readonly EndpointDescription[];
  readonly policy: PolicyDescription;
}

export interface EndpointDescription {
  readonly method: string;
  /** `/orders/:id` */
  readonly path: string;
  /** `OrderController.show` */
  readonly handler: string;
  readonly access: 'public' | AccessDescription;
  readonly rateClass?: string;
  /** Absent for a controller written by hand. */
  readonly screen?: ScreenDescription;
}

export interface AccessDescription {
  readonly allScopes: readonly string[];
  readonly anyScopes: readonly string[];
  readonly anyRoles: readonly string[];
  /** The parameter, or the member of the body, that has to be the caller. */
  readonly owner?: { readonly [place in 'path' | 'query' | 'body' | 'orRole']?: string };
  /** Any one of these levels of authentication. */
  readonly acr?: readonly string[];
  /** The greatest age of the login, in seconds. */
  readonly maxAgeSeconds?: number;
  /** A function, which JSON leaves out. */
  readonly when?: unknown;
}

export interface ScreenDescription {
  readonly name: string;
  /** `src/home/home.screen.ts:18:3` */
  readonly source: string;
  readonly deadlineMs: number;
  readonly input: Readonly<Record<string, 'given' | 'validated'>>;
  readonly parts: Readonly<Record<string, PartDescription>>;
  readonly fields: Readonly<Record<string, FieldsDescription>>;
  readonly view?: ViewDescription;
  /** The business event that a successful response counts as. */
  readonly count?: string;
  /** By part: the fields that the plan itself reads. */
  readonly planReads?: Readonly<Record<string, readonly string[]>>;
  /** The origin of each member of the response. */
  readonly origins?: readonly OriginDescription[];
}

export interface OriginDescription {
  /** `orders[].total`; empty for the whole response. */
  readonly member: string;
  readonly expression: string;
  readonly from: readonly OriginField[];
  readonly mayBe?: readonly string[];
  /** By part: the response that a client gets without it. */
  readonly without: Readonly<Record<string, string>>;
  readonly classification?: string;
}

export interface OriginField {
  readonly part: string;
  readonly upstream: string;
  readonly operation: string;
  /** `items[].total`, or `(whole)`. */
  readonly field: string;
  readonly use?: 'computed';
}

export interface ViewDescription {
  readonly members: readonly MemberDescription[];
  readonly parsing: Readonly<Record<string, ParsingDescription>>;
}

export interface MemberDescription {
  /** Empty for the whole response. */
  readonly member: string;
  readonly how: 'projected' | 'computed';
  /** The reason why it is computed. */
  readonly because?: string;
}

export interface ParsingDescription {
  readonly parses: 'nothing' | 'what is computed with' | 'all of it';
  /** The reason why all of it is parsed. */
  readonly because?: string;
}

export interface FieldsDescription {
  /** Members of the upstream's response that are sent to the client. */
  readonly kept: readonly string[];
  /** Members that a function of the screen reads. */
  readonly computed: readonly string[];
}

interface OtherCall {
  readonly upstream: string;
  readonly operation: string;
  readonly args?: unknown;
  readonly timeoutMs?: number;
}

export type FallbackDescription =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'last_good'; readonly maxAgeMs: number }
  | ({ readonly kind: 'operation' } & OtherCall);

export interface PartDescription {
  readonly kind: 'call' | 'each' | 'batch' | 'pages' | 'step';
  readonly need?: 'required' | 'optional' | 'write';
  readonly upstream?: string;
  readonly operation?: string;
  readonly owner?: string;
  readonly method?: string;
  readonly path?: string;
  readonly safe?: true;
  readonly after: readonly string[];
  readonly reads: readonly string[];
  readonly args?: unknown;
  readonly timeoutMs?: number;
  readonly fallback?: unknown;
  readonly fallbacks?: readonly FallbackDescription[];
  readonly when?: string;
  readonly access?: AccessDescription;
  readonly maxCount?: number;
  readonly concurrency?: number;
  readonly inner?: readonly { readonly over: string; readonly maxCount: number }[];
  readonly keys?: readonly string[];
  readonly size?: number;
  readonly maxPages?: number;
  readonly maxItems?: number;
  readonly undo?: OtherCall;
  readonly onStatus?: readonly string[];
  readonly refuses?: Readonly<Record<string, string>>;
}

export interface PolicyDescription {
  readonly access?: AccessPolicy;
  readonly listen?: ListenPolicy;
  readonly cors?: { readonly origins: readonly string[]; readonly credentials: boolean };
  readonly securityHeaders?: Readonly<Record<string, string>>;
  readonly limits?: { readonly maxInFlight?: number; readonly maxConnections?: number };
  readonly addressLimit?: object;
  readonly rateClasses?: Readonly<Record<string, readonly RatePolicy[]>>;
  readonly rateStore?: { readonly whenDown?: string };
  readonly deadlineMs?: number;
  readonly reserveMs?: number;
  readonly upstreams?: Readonly<Record<string, UpstreamPolicy>>;
  readonly plans?: Readonly<Record<string, PlanPolicy>>;
  readonly slo?: Readonly<Record<string, ObjectivesPolicy>>;
  readonly metrics?: { readonly enabled: boolean };
}

/** Objectives of a screen: shares from 0 to 1. */
export interface ObjectivesPolicy {
  readonly availability?: number;
  readonly latency?: { readonly withinMs: number; readonly share: number };
  readonly completeness?: number;
}

interface ListenPolicy {
  readonly host?: string;
  readonly adminHost?: string;
  readonly trustedProxies?: number | readonly string[];
  readonly behindCdn?: { readonly originSecret?: object };
}

interface RatePolicy {
  readonly per: string;
  readonly limit?: number;
  readonly windowMs?: number;
}

interface AccessPolicy {
  readonly jwt?: IssuerPolicy;
  readonly issuers?: Readonly<Record<string, IssuerPolicy>>;
}

interface IssuerPolicy {
  readonly issuer?: string;
  readonly types?: readonly string[];
  readonly requiredClaims?: readonly unknown[];
}

/** The cache of an operation. */
export interface CacheDescription extends Partial<CacheTimes> {
  readonly follow?: 'upstream';
  readonly negativeMs?: number;
  readonly scope?: 'caller' | 'tenant' | 'public';
  readonly tags?: readonly string[];
  readonly vary?: Readonly<Record<string, readonly string[]>>;
}

interface UpstreamPolicy extends AttemptsDescription, CarriageDescription {
  readonly forwardAuthorization?: boolean;
  readonly forwardHeaders?: readonly string[];
  readonly timeoutMs: number;
  readonly availability?: number;
  readonly operations?: Readonly<Record<string, OperationPolicy>>;
  readonly cache?: Readonly<Record<string, CacheDescription>>;
}

interface OperationPolicy {
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryDescription> | 'off';
  readonly hedge?: HedgeDescription | 'off';
  readonly breaker?: BreakerDescription | 'off';
}

/** The connections of an upstream, and its addresses. */
export interface CarriageDescription {
  readonly urls?: readonly string[];
  readonly transport?: string;
  readonly protocol?: string;
  readonly proxy?: string;
  readonly balance?: { readonly by?: string; readonly groups?: object };
}

/** The policies of attempts; what is off is absent. */
export interface AttemptsDescription {
  readonly retry?: RetryDescription;
  readonly hedge?: HedgeDescription;
  readonly breaker?: BreakerDescription;
  readonly concurrency?: number | { readonly adaptive: { readonly min: number; readonly max: number } };
}

export interface BreakerDescription {
  readonly mode?: 'enforce' | 'throttle' | 'observe';
  readonly failureRatio: number;
}

export interface RetryDescription {
  readonly attempts: number;
  readonly retryOn?: readonly string[];
}

export interface HedgeDescription {
  readonly afterMs?: number;
  readonly quantile?: number;
}

interface PlanPolicy {
  readonly deadlineMs?: number;
  readonly calls?: Readonly<Record<string, { readonly timeoutMs?: number }>>;
}
