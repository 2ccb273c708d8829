import type { ChangingSource, Clock } from '@frontage/core';
import type { Proof } from '../token/proof.js';
import type { CertificateCallerRecord } from './certificate-record.js';
import type { ClientCertificate } from './client-certificate.js';
import { LiveRecords } from './live-records.js';

export interface CertificateCallersOptions {
  /** Callers of the policy. */
  readonly callers: readonly CertificateCallerRecord[];
  /** Further callers, which may change while the app runs. @default none */
  readonly source?: ChangingSource<readonly CertificateCallerRecord[]>;
  /** Time between two looks at the source, in milliseconds. */
  readonly reloadMs: number;
  /** The time for which a certificate is not looked up again, in milliseconds. */
  readonly cacheMs: number;
  readonly clock: Clock;
}

type Table = ReadonlyMap<string, CertificateCallerRecord>;

/** Callers by their client certificates. The last good records are used while the source cannot be read. */
export class CertificateCallers {
  readonly #options: CertificateCallersOptions;
  readonly #table: LiveRecords<Table>;

  /** @throws TypeError where two callers of the policy have the same value */
  constructor(options: CertificateCallersOptions) {
    const { callers, source, reloadMs, clock } = options;
    this.#options = options;
    this.#table = new LiveRecords({
      first: tableOf(callers),
      source: source && {
        version: () => source.version(),
        read: async () => tableOf([...callers, ...(await source.read())]),
      },
      reloadMs,
      clock,
      what: 'the callers of client certificates',
    });
  }

  /** The rate classes that callers name. */
  get quotas(): ReadonlySet<string> {
    return new Set([...this.#table.value.values()].flatMap(({ quota }) => quota ?? []));
  }

  /**
   * Reads the file for the first time, and looks for changes until {@link stop}.
   * @throws Error (rejects) where it cannot be read
   */
  start(): Promise<void> {
    return this.#table.start();
  }

  stop(): void {
    this.#table.stop();
  }

  /** @throws Error with the reason why the certificate identifies no caller */
  prove(certificate: ClientCertificate): Proof {
    const { thumbprint, validFrom } = certificate;
    const leftMs = usableFor(certificate, this.#options.clock.wallTime());
    const { caller, scopes, roles, tenant, quota } = this.#recordOf(certificate);
    return {
      caller: Object.freeze({
        subject: caller,
        scopes,
        roles,
        app: caller,
        ...(tenant !== undefined && { tenant }),
        ...(quota !== undefined && { quota }),
      }),
      facts: { subject: caller, id: thumbprint, issuedAt: validFrom, isKey: true },
      credential: thumbprint,
      until: this.#options.clock.now() + Math.min(this.#options.cacheMs, leftMs),
      ground: this.#table,
      generation: this.#table.generation,
    };
  }

  /** The most exact value decides: the thumbprint, then an alternative name, then the distinguished name. */
  #recordOf({ thumbprint, names, subject }: ClientCertificate): CertificateCallerRecord {
    const exact = this.#table.value.get(`thumbprint ${thumbprint}`);
    if (exact !== undefined) return exact;
    const named = new Set(names.flatMap((name) => this.#table.value.get(`san ${name}`) ?? []));
    if (named.size > 1)
      throw new Error(
        `the client certificate has the names of ${[...named].map(({ caller }) => caller).join(' and ')}`,
      );
    const [found = this.#table.value.get(`subject ${subject}`)] = named;
    if (found === undefined) throw new Error(`no caller has the client certificate ${thumbprint} (${subject})`);
    return found;
  }
}

/** Milliseconds for which a certificate is still good. @throws Error where it is not */
export function usableFor({ untrusted, validFrom, validTo }: ClientCertificate, now: number): number {
  if (untrusted !== undefined) throw new Error(`the client certificate is not trusted: ${untrusted}`);
  if (validFrom > now) throw new Error('the client certificate is not valid yet');
  if (validTo <= now) throw new Error('the client certificate has expired');
  return validTo - now;
}

/** @throws TypeError where two callers have the same value */
function tableOf(records: readonly CertificateCallerRecord[]): Table {
  const table = new Map<string, CertificateCallerRecord>();
  for (const record of records) {
    const keys = [
      ...record.thumbprints.map((value) => `thumbprint ${value}`),
      ...record.names.map((value) => `san ${value}`),
      ...record.subjects.map((value) => `subject ${value}`),
    ];
    for (const key of keys) {
      const other = table.get(key);
      if (other !== undefined && other !== record)
        throw new TypeError(`the callers "${other.caller}" and "${record.caller}" have the same ${key}`);
      table.set(key, record);
    }
  }
  return table;
}
