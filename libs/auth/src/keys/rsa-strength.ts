const minModulusBits = 2_048; // RFC 7518 section 3.3
/** A longer one costs seconds per verification. */
const maxModulusBits = 8_192;
/** FIPS 186-5 section A.1.1; 1 is no encryption at all, 3 has broken many a padding check. */
const minExponent = 65_537n;
/** A longer one makes verifying as slow as signing. */
const maxExponent = 2n ** 64n;

function primesUpTo(limit: number): readonly bigint[] {
  const primes: number[] = [];
  for (let n = 2; n <= limit; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes.map(BigInt);
}

/** NIST SP 800-89 section 5.3.3: no factor below 752. */
const smallPrimes = primesUpTo(751);

/**
 * Residues that moduli of the weak generator have, per prime (CVE-2017-15361, "ROCA": Nemec and others, ACM CCS 2017). Its primes are
 * k * M + 65537^a mod M, where M is divisible by the 38 primes from 3 to 167; so modulo each of these, the modulus is a power of 65537.
 * A modulus of another generator passes all 38 with a probability of about 2^-150.
 */
const rocaResidues: readonly (readonly [prime: bigint, residues: ReadonlySet<bigint>])[] = primesUpTo(167)
  .slice(1)
  .map((prime) => {
    const residues = new Set<bigint>();
    for (let power = 1n; !residues.has(power); power = (power * 65_537n) % prime) residues.add(power);
    return [prime, residues];
  });

const integerOf = (text: string): bigint => BigInt(`0x0${Buffer.from(text, 'base64url').toString('hex')}`);

/**
 * Why an RSA key proves too little; `undefined` where it is strong enough.
 * @param n modulus, base64url (RFC 7518 section 6.3.1)
 * @param e exponent, base64url
 */
export function weaknessOfRsa(n: string, e: string): string | undefined {
  // Before it is made a number: that takes time by its length.
  if (n.length > Math.ceil(maxModulusBits / 6) + 8) return `the modulus is longer than ${maxModulusBits} bits`;
  if (e.length > 16) return 'the exponent is too large';
  const modulus = integerOf(n);
  const exponent = integerOf(e);
  const bits = modulus.toString(2).length;
  if (bits < minModulusBits) return `the modulus has ${bits} bits, and ${minModulusBits} are needed`;
  if (bits > maxModulusBits) return `the modulus is longer than ${maxModulusBits} bits`;
  if (exponent < minExponent || exponent > maxExponent || exponent % 2n === 0n)
    return `the exponent is not an odd number from ${minExponent} to 2^64`;
  if (smallPrimes.some((prime) => modulus % prime === 0n)) return 'the modulus has a small factor';
  if (rocaResidues.every(([prime, residues]) => residues.has(modulus % prime)))
    return 'the modulus comes from a generator whose keys can be factored (CVE-2017-15361, ROCA)';
  return undefined;
}
