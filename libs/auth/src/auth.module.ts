import { Module, type DynamicModule } from '@nestjs/common';
import type { AuthOptions } from './auth.options.js';

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
