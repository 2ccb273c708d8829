import { isRecord } from '../model/behaviour.js';

/** The behaviour of the provider that a test or a developer can change while it runs. */
export interface ProviderSettings {
  /** Life of access tokens and ID tokens, in seconds. @default 3600 */
  readonly accessTokenSeconds: number;
  /** Time from the login until refresh tokens end, in seconds. @default 86400 */
  readonly refreshTokenSeconds: number;
  /** The token endpoint responds so late, in milliseconds. @default 0 */
  readonly tokenLatencyMs: number;
  /** The token endpoint responds with this status and does nothing; 400 with `invalid_grant`. @default none */
  readonly tokenStatus?: number;
}

export const defaultSettings: ProviderSettings = {
  accessTokenSeconds: 3_600,
  refreshTokenSeconds: 86_400,
  tokenLatencyMs: 0,
};

const names = ['accessTokenSeconds', 'refreshTokenSeconds', 'tokenLatencyMs', 'tokenStatus'] as const;

/** The settings of a control request, or the reason why they are none. */
export function readSettings(body: unknown): ProviderSettings | string {
  if (!isRecord(body)) return 'Send an object.';
  const unknown = Object.keys(body).find((name) => !names.some((one) => one === name));
  if (unknown !== undefined) return `"${unknown}" is no setting; there are ${names.join(', ')}.`;
  const read: Record<string, number> = {};
  for (const name of names) {
    const value = body[name];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      return `"${name}" is not a whole number from 0.`;
    read[name] = value;
  }
  return { ...defaultSettings, ...read };
}
