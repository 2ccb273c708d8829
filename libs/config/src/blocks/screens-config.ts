/** Validators and caches of whole responses of one screen. */
export interface ScreenConfig {
  /** Complete responses have a strong entity tag (RFC 9110 section 8.8.3). @default false */
  readonly etag: boolean;
}
