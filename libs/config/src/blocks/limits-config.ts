export interface LimitsConfig {
  /** @default 1 MiB */
  readonly maxBodyBytes: number;
  /** Largest size of all header fields of a request together. @default 16 KiB */
  readonly maxHeaderBytes: number;
  /** Longest time for the header fields to arrive. @default 10_000 */
  readonly headersTimeoutMs: number;
  /** Longest time for the whole request to arrive, body included. @default 30_000 */
  readonly requestTimeoutMs: number;
  /** Longest time for a client to take at least one byte of a response. */
  readonly sendIdleTimeoutMs: number;
  /** Longest time for a client to take a byte after it is ready to be sent. */
  readonly sendTimeoutMs: number;
  /** Most open client connections. Absent: as many as the system allows. */
  readonly maxConnections?: number;
  /** Most requests at the same time; further requests are shed with 503. Absent: not limited. */
  readonly maxInFlight?: number;
  /** Requests of one caller at the same time. */
  readonly maxInFlightPerCaller?: number;
  /** Bits of the network by which addresses of IPv6 are counted, 32 to 128. @default 64 */
  readonly ipv6Prefix: number;
  readonly multipart: MultipartLimits;
}

/** Requests are shed while the process has more of them than it can serve. */
export interface AdmissionConfig {
  /** Delay of the event loop that is no queue yet. @default 50 */
  readonly delayMs: number;
  /** Time over which the load is judged. @default 100 */
  readonly intervalMs: number;
  /** By rate class, where it differs from the default of the method. */
  readonly priorities: Readonly<Record<string, 'high' | 'normal' | 'low'>>;
}

/** Limits of forms with files. */
export interface MultipartLimits {
  /** Of the whole form. @default 32 MiB */
  readonly maxBodyBytes: number;
  /** Of one file. @default 16 MiB */
  readonly maxFileBytes: number;
  /** Of one text or JSON part. @default 64 KiB */
  readonly maxFieldBytes: number;
  /** @default 100 */
  readonly maxParts: number;
  /** This much of the files is read before the plan starts, and stands in memory. @default 64 KiB */
  readonly bufferBytes: number;
}
