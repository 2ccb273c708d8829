/** The objectives of a screen over 30 days: shares from 0 to 1. */
export interface ObjectivesConfig {
  /** Least share of requests without a 5xx. Absent: no objective. */
  readonly availability?: number;
  /** Absent: no objective. */
  readonly latency?: LatencyObjectiveConfig;
  /** Least share of good responses without missing parts. Absent: no objective. */
  readonly completeness?: number;
}

export interface LatencyObjectiveConfig {
  /** In ms. */
  readonly withinMs: number;
  /** Least share of good responses within that time. */
  readonly share: number;
}
