import passport from 'passport';
import type { CertificateCallers } from '../credentials/certificate-callers.js';
import type { RequestHead } from '../verifiers/token-verifier.js';
import type { CertificateReader } from './certificate-reader.js';
import { extractorOf, type CredentialPlace } from './credential-reader.js';
import { settleAtOnce } from './settle.js';

/** The strategy of client certificates (mutual TLS): subject, alternative name or thumbprint say who is calling. */
export class CertificateStrategy extends passport.Strategy {
  // See JwtStrategy.
  private readonly read: CertificateReader;
  private readonly callers: CertificateCallers;
  private readonly extract: (request: RequestHead) => string | null;

  /** @param places of tokens and keys: a request that has one is identified by that, and its certificate only proves a bound token */
  constructor(callers: CertificateCallers, read: CertificateReader, places: readonly CredentialPlace[]) {
    super();
    this.name = 'certificate';
    this.read = read;
    this.callers = callers;
    this.extract = extractorOf(places);
  }

  override authenticate(request: RequestHead): void {
    const certificate = this.extract(request) === null ? this.read(request) : undefined;
    if (certificate === undefined) {
      this.fail(undefined, 401);
      return;
    }
    settleAtOnce(this, () => this.callers.prove(certificate));
  }
}
