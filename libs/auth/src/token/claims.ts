import type { Caller, ClaimValue } from '@frontage/context';
import type { JWTPayload } from 'jose';
import type { ClaimKind, ClaimSettings } from '../options/jwt.options.js';
import { claimReader, type ClaimReader } from '../options/claim-path.js';

/** Reads a verified payload by the policy: the audience of the token, its caller, and the rights of the caller. */
export class Claims {
  readonly #audiences: ReadonlySet<string>;
  readonly #audience: ClaimReader;
  readonly #scopes: readonly ClaimReader[];
  readonly #roles: readonly ClaimReader[];
  readonly #tenant: ClaimReader;
  readonly #required: readonly (readonly [string, ClaimReader])[] | undefined;
  readonly #named: readonly NamedClaim[];
  readonly #settings: ClaimSettings;

  constructor(settings: ClaimSettings) {
    this.#settings = settings;
    this.#audiences = new Set(settings.audience);
    this.#audience = claimReader(settings.audienceClaim);
    this.#scopes = settings.scopeClaims.map(claimReader);
    this.#roles = settings.rolesClaims.map(claimReader);
    this.#tenant = claimReader(settings.tenantClaim);
    this.#named = Object.entries(settings.claims).map(([name, { claim, kind, required = false }]) => {
      return { name, kind, required, read: claimReader(claim ?? name) };
    });
    this.#required = settings.requiredClaims?.map((claim) => [claim, claimReader(claim)] as const);
  }

  /**
   * The caller of a payload. It is frozen, because all requests with the same token share it.
   * @throws Error when there is no subject, or when a claim that policy requires is missing or of another kind
   */
  callerOf(payload: JWTPayload): Caller {
    const subject = textOf(payload.sub);
    if (subject === undefined) throw new Error('"sub" is missing or empty');
    const tenant = textOf(this.#tenant(payload));
    // Okta writes `cid`, version 1 of Entra ID writes `appid`.
    const app = ['azp', 'client_id', 'cid', 'appid']
      .map((claim) => textOf(payload[claim]))
      .find((id) => id !== undefined);
    const acr = textOf(payload['acr']);
    const authTime = payload['auth_time'];
    return Object.freeze({
      subject: this.#settings.subjectPrefix + subject,
      scopes: unitedWords(this.#scopes, payload, (text) => text.split(' ')),
      roles: unitedWords(this.#roles, payload, (text) => [text]),
      ...(tenant === undefined ? {} : { tenant }),
      ...(app === undefined ? {} : { app }),
      ...(acr === undefined ? {} : { acr }),
      ...(typeof authTime === 'number' && Number.isFinite(authTime) ? { authenticatedAt: authTime } : {}),
      ...(this.#named.length === 0 ? {} : { claims: claimsOf(this.#named, payload) }),
    });
  }

  /** @throws Error when the token was made for another audience */
  assertAudience(payload: JWTPayload): void {
    const value = this.#audience(payload);
    const named: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (!named.some((one) => typeof one === 'string' && this.#audiences.has(one))) {
      throw new Error(`"${this.#settings.audienceClaim}" names none of ${this.#settings.audience.join(', ')}`);
    }
  }

  /**
   * @param isMarked whether the token says in another way that it is an access token
   * @throws Error when a claim of access tokens is missing
   */
  assertRequired(payload: JWTPayload, isMarked: boolean): void {
    if (this.#required !== undefined) {
      const missing = this.#required.find(([, read]) => !isGiven(read(payload)));
      if (missing !== undefined) throw new Error(`"${missing[0]}" is missing`);
      return;
    }
    // If an issuer marks neither kind, only this tells its ID tokens from its access tokens.
    if (!isMarked && !this.#scopes.some((read) => isGiven(read(payload)))) {
      const wanted = this.#settings.scopeClaims.join(' nor ');
      throw new Error(
        `neither marked as an access token nor with ${wanted}: it may be an ID token (access.jwt.requiredClaims says what to require in place of that)`,
      );
    }
  }
}

interface NamedClaim {
  readonly name: string;
  readonly kind: ClaimKind;
  readonly required: boolean;
  readonly read: ClaimReader;
}

/** The claims that policy names, and no others. @throws Error for a required one that is missing or of another kind */
function claimsOf(named: readonly NamedClaim[], payload: JWTPayload): Readonly<Record<string, ClaimValue>> {
  const found = named.flatMap(({ name, kind, required, read }): (readonly [string, ClaimValue])[] => {
    const value = valueOfKind(read(payload), kind);
    if (value !== undefined) return [[name, value]];
    if (required) throw new Error(`the claim "${name}" is missing, or is no ${kind}`);
    return [];
  });
  return Object.freeze(Object.fromEntries(found));
}

function valueOfKind(value: unknown, kind: ClaimKind): ClaimValue | undefined {
  switch (kind) {
    case 'text':
      return textOf(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    case 'flag':
      return typeof value === 'boolean' ? value : undefined;
    case 'texts': {
      const list: readonly unknown[] = Array.isArray(value) ? value : [value];
      const texts = list.filter((one) => typeof one === 'string');
      return texts.length === list.length ? Object.freeze(texts) : undefined;
    }
  }
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Texts of all claims together, each once. A value that is neither a text nor a list of texts grants nothing. */
function unitedWords(
  readers: readonly ClaimReader[],
  payload: JWTPayload,
  split: (text: string) => readonly string[],
): readonly string[] {
  const words = new Set<string>();
  for (const read of readers) {
    const value = read(payload);
    const found: readonly unknown[] = typeof value === 'string' ? split(value) : Array.isArray(value) ? value : [];
    for (const word of found) if (typeof word === 'string' && word !== '') words.add(word);
  }
  return Object.freeze([...words]);
}
