/** Requests that are kept as files, with the responses of the services. */
export interface IncidentsConfig {
  /** Names of plans. */
  readonly screens: readonly string[];
  /** Absolute path. */
  readonly folder: string;
  /** Most files. @default 50 */
  readonly keep: number;
  /** Of one file. @default 256 KiB */
  readonly maxBytes: number;
}
