const minModulusBits = 2_048; // RFC 7518 section 3.3
/** A longer modulus costs seconds per verification. */
const maxModulusBits = 8_192;
/** FIPS 186-5 section A.1.1. An exponent of 1 encrypts nothing, and 3 allows attacks on faulty padding checks. */
const minExponent = 65_537n;
/** A longer exponent makes verifying as slow as signing. */
const maxExponent = 2n ** 64n;

function primesUpTo(limit: number): readonly bigint[] {
  const primes: number[] = [];
  for (let n = 2; n <= limit; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes.map(BigInt);
}

/**
 * The residues of moduli of the weak generator, per prime (CVE-2017-15361, "ROCA": Nemec and others, ACM CCS 2017). Its primes are
 * k * M + 65537^a mod M, where M is divisible by the 38 primes from 3 to 167; so modulo each of these, the modulus is a power of 65537.
 * A modulus of another generator passes all 38 with a probability of about 2^-150.
 */
const residuesOfRoca = (): readonly (readonly [prime: bigint, residues: ReadonlySet<bigint>])[] =>
  primesUpTo(167)
    .slice(1)
    .map((prime) => {
      const residues = new Set<bigint>();
      for (let power = 1n; !residues.has(power); power = (power * 65_537n) % prime) residues.add(power);
      return [prime, residues];
    });

/** Made by the first key that is read, which comes after the start. */
let tables: { smallPrimes: readonly bigint[]; rocaResidues: ReturnType<typeof residuesOfRoca> } | undefined;

const integerOf = (text: string): bigint => BigInt(`0x0${Buffer.from(text, 'base64url').toString('hex')}`);

/**
 * The reason why an RSA key is too weak; `undefined` for a strong key.
 * @param n modulus, base64url (RFC 7518 section 6.3.1)
 * @param e exponent, base64url
 */
export function weaknessOfRsa(n: string, e: string): string | undefined {
  // The length is checked first, because converting a long text to a number takes long.
  if (n.length > Math.ceil(maxModulusBits / 6) + 8) return `the modulus is longer than ${maxModulusBits} bits`;
  if (e.length > 16) return 'the exponent is too large';
  const modulus = integerOf(n);
  const exponent = integerOf(e);
  const bits = modulus.toString(2).length;
  if (bits < minModulusBits) return `the modulus has ${bits} bits, and ${minModulusBits} are needed`;
  if (bits > maxModulusBits) return `the modulus is longer than ${maxModulusBits} bits`;
  if (exponent < minExponent || exponent > maxExponent || exponent % 2n === 0n)
    return `the exponent is not an odd number from ${minExponent} to 2^64`;
  // NIST SP 800-89 section 5.3.3: no factor below 752.
  const { smallPrimes, rocaResidues } = (tables ??= { smallPrimes: primesUpTo(751), rocaResidues: residuesOfRoca() });
  if (smallPrimes.some((prime) => modulus % prime === 0n)) return 'the modulus has a small factor';
  if (rocaResidues.every(([prime, residues]) => residues.has(modulus % prime)))
    return 'the modulus comes from a generator whose keys can be factored (CVE-2017-15361, ROCA)';
  return undefined;
}
