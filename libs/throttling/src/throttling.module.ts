import { ConfigurableModuleBuilder, Module, type DynamicModule } from '@nestjs/common';
import { ThrottlerModule, type ThrottlerOptions } from '@nestjs/throttler';
import { addressKeyOf } from './addresses/client-address.js';
import { MemoryThrottlerStorage, type MemoryStorageOptions } from './counts/memory-storage.js';
import { RateLimiter } from './rate-limiter.js';
import type { RateStore } from './counts/rate-store.js';
import { ThrottlerBridge } from './throttler-bridge.js';
import { RedisThrottlerStorage, type RedisStorageOptions } from './counts/redis-storage.js';

export interface ThrottlingOptions extends MemoryStorageOptions {
  /** Counts in Redis, for all instances together. Its owner stops it. @default in the memory of this process */
  readonly redis?: Omit<RedisStorageOptions, 'clock'>;
  /** Limits of `ThrottlerGuard` and `@Throttle()` of @nestjs/throttler, if a team uses them. @default 60 requests a minute */
  readonly throttlers?: ThrottlerOptions[];
  /** Bits of the network by which addresses of IPv6 are counted, 1 to 128. @default 64 */
  readonly ipv6Prefix?: number;
}

/** Injects the {@link RateStore}. */
export const RATE_STORE = Symbol('frontage.rate.store');

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<ThrottlingOptions>()
  .setClassMethodName('forRoot')
  .build();

function storeOf({ redis, ...memory }: ThrottlingOptions): RateStore {
  const local = new MemoryThrottlerStorage(memory);
  return redis === undefined ? local : new RedisThrottlerStorage(redis, local);
}

@Module({
  providers: [{ provide: RATE_STORE, inject: [MODULE_OPTIONS_TOKEN], useFactory: storeOf }],
  exports: [RATE_STORE],
})
class RateStoreModule extends ConfigurableModuleClass {}

/** Provides {@link RateLimiter} and {@link RATE_STORE}, and sets up @nestjs/throttler to count in the same store. */
@Module({})
export class ThrottlingModule {
  static forRoot(options: ThrottlingOptions = {}): DynamicModule {
    const storeModule = RateStoreModule.forRoot(options);
    return {
      module: ThrottlingModule,
      imports: [
        storeModule,
        ThrottlerModule.forRootAsync({
          imports: [storeModule],
          inject: [RATE_STORE],
          useFactory: (store: RateStore) => {
            const storage = new ThrottlerBridge(store, addressKeyOf(options.ipv6Prefix));
            const { getTracker, generateKey } = storage;
            const throttlers = options.throttlers ?? [{ limit: 60, ttl: 60_000 }];
            // The bridge writes the fields that rate classes have; those that begin with X-RateLimit would be a second set.
            return { storage, getTracker, generateKey, throttlers, setHeaders: false };
          },
        }),
      ],
      providers: [
        {
          provide: RateLimiter,
          inject: [RATE_STORE],
          useFactory: (store: RateStore) => new RateLimiter(store, options),
        },
      ],
      exports: [RateLimiter, storeModule, ThrottlerModule],
    };
  }
}
