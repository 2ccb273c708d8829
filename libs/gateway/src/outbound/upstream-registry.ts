import type { HttpService } from '@nestjs/axios';
import type { OperationCache } from '@frontage/caching';
import {
  ClientTlsError,
  createClient,
  createUpstream,
  Pressure,
  type Client,
  type ExecutorOptions,
  type OperationModule,
  type Upstream,
} from '@frontage/clients';
import { PolicyFiles, type BffConfig, type CacheConfig } from '@frontage/config';
import { tiersOf } from './caller-tiers.js';
import { checkWarm, type WarmOperation } from './warm-responses.js';
import { schemeSecrets } from './scheme-secrets.js';
import type { UpstreamCredentials } from './upstream-credentials.js';
import type { Executor } from '@frontage/context';
import { classifyNames } from '@frontage/core';
import type { Clock, Names, OperationInfo } from '@frontage/core';

interface RegistryDependencies {
  readonly clock: Clock;
  /** @default no upstream has any beside fixed secrets */
  readonly credentials?: UpstreamCredentials;
  readonly names?: Names;
  readonly cache?: OperationCache;
  readonly httpService?: HttpService;
}

/** The upstreams of one app, each with its policy, made when the first operation of it is bound. */
export class UpstreamRegistry {
  readonly #config: BffConfig;
  readonly #deps: RegistryDependencies;
  readonly #upstreams = new Map<string, Upstream>();
  readonly #warm = new Map<CacheConfig, WarmOperation>();
  /** One signal for all of them: optional calls stop everywhere before required ones fail anywhere. */
  readonly #pressure = new Pressure();
  readonly #tierOf: ReturnType<typeof tiersOf>;

  constructor(config: BffConfig, deps: RegistryDependencies) {
    this.#config = config;
    this.#deps = deps;
    this.#tierOf = tiersOf(config.tiers);
  }

  /** Kept responses of upstreams; undefined where policy keeps none. */
  get cache(): OperationCache | undefined {
    return this.#deps.cache;
  }

  /** @throws Error where `bff.yaml` has no address for the operation's upstream, ConfigError at a file of `tls` that cannot be used. */
  executor(operation: OperationInfo, options: Omit<ExecutorOptions, 'download'> = {}): Executor {
    classifyNames(operation.contract.classified ?? []);
    const upstream = this.#upstream(operation.contract.upstream);
    const rule = this.#config.upstreams[upstream.name]?.cache[operation.id];
    if (rule?.warm !== undefined && !this.#warm.has(rule)) {
      checkWarm(operation);
      this.#warm.set(rule, { info: operation, rule, load: upstream.executor(operation, { renews: true }) });
    }
    return upstream.executor(operation, options);
  }

  /** @throws Error where `bff.yaml` has no address for the operation's upstream. */
  whyParsed(operation: OperationInfo): string | undefined {
    return this.#upstream(operation.contract.upstream).whyParsed(operation);
  }

  /** @throws Error where `bff.yaml` has no address for the upstream */
  client<Namespace extends OperationModule>(operations: Namespace, upstream: string): Client<Namespace> {
    return createClient(operations, this.#upstream(upstream));
  }

  /** The operations of some plan whose responses are loaded at the start. */
  warm(): readonly WarmOperation[] {
    return [...this.#warm.values()];
  }

  /** Every upstream that some plan of the app uses. */
  used(): readonly Upstream[] {
    return [...this.#upstreams.values()];
  }

  async close(): Promise<void> {
    await Promise.all(this.used().map((upstream) => upstream.close()));
  }

  #upstream(name: string): Upstream {
    const known = this.#upstreams.get(name);
    if (known !== undefined) return known;
    const options = this.#config.upstreams[name];
    if (options === undefined) {
      const named = Object.keys(this.#config.upstreams).join(', ') || 'none';
      throw new Error(
        `the upstream '${name}' has no address: add it under upstreams: in ${this.#config.file} (upstreams there: ${named})`,
      );
    }
    const { credentials, ...others } = options;
    const fixed =
      credentials?.value === undefined ? undefined : { header: credentials.header, value: credentials.value };
    const security = schemeSecrets(this.#config, name);
    const sources = this.#deps.credentials?.sourcesOf(name) ?? [];
    const upstream = atItsFile(this.#config, name, () =>
      createUpstream(
        name,
        { ...others, ...(fixed && { credentials: fixed }), security, sources },
        { ...this.#deps, pressure: this.#pressure, ...(this.#tierOf && { tierOf: this.#tierOf }) },
      ),
    );
    this.#upstreams.set(name, upstream);
    return upstream;
  }
}

/** @throws ConfigError at the key of a file of `tls` that cannot be read or used */
function atItsFile(config: BffConfig, upstream: string, make: () => Upstream): Upstream {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ClientTlsError)) throw error;
    const path = ['upstreams', upstream, 'tls', error.key];
    throw new PolicyFiles(config).error([{ path, want: 'value', message: error.message }]);
  }
}
