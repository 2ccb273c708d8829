import { Module, type DynamicModule } from '@nestjs/common';
import type { AuthOptions } from './auth.options.js';

/** Provides `TokenVerifier` and `AccessControl`, and registers its strategies with Passport. Not global. */
@Module({})
export class AuthModule {
  /**
   * Give the promise to `imports` as it is. The code that verifies tokens is loaded here: an app that uses only the decorators does not load it.
   * @throws TypeError or RangeError at the start when an option is wrong
   */
  static async forRoot(options: AuthOptions): Promise<DynamicModule> {
    const { verification } = await import('./verification.js');
    return { module: AuthModule, ...verification(options) };
  }
}
