import type { Agent } from 'node:http';
import { Module, type DynamicModule } from '@nestjs/common';
import type { Clock } from '@frontage/core';
import type { JwtOptions } from './jwt.options.js';
import type { TokenVerifier } from './token-verifier.js';

/** Makes the connections to the issuer. */
export interface IssuerAgent {
  readonly agent: Agent;
  /** Whether the agent goes through a proxy. */
  readonly isProxied: boolean;
}

/** How callers are known: by JWTs of an issuer, or by a verifier of the team's own. Exactly one of the two. */
export interface AuthOptions {
  readonly jwt?: JwtOptions;
  readonly verifier?: TokenVerifier;
  /** Connects to the issuer: names and a proxy are its business, and never that of the environment. @default one of Node */
  readonly agent?: IssuerAgent;
  /** @default the machine's */
  readonly clock?: Clock;
}

/** Provides `TokenVerifier` and `AccessControl`; with `jwt` also the passport strategy `jwt`. Not global. */
@Module({})
export class AuthModule {
  /**
   * Given to `imports` as it is. Loads what verifies tokens, which an app that only has the decorators does without.
   * @throws TypeError or RangeError at the start when an option is wrong
   */
  static async forRoot(options: AuthOptions): Promise<DynamicModule> {
    const { verification } = await import('./verification.js');
    return { module: AuthModule, ...verification(options) };
  }
}
