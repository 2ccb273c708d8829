import { setImmediate } from 'node:timers/promises';
import { readIpAddress } from '@frontage/core';
import { inIpv6, networkForms, readNetwork, type Network } from './network.js';

/** Words of 32 bits of an address; IPv4 is mapped into IPv6. */
const width = 4;

/** Most entries of one list: 32 bytes each. */
export const maxEntries = 100_000;

/** Lines that a message about bad lines names. */
const maxNamed = 5;

/** Lines between two turns of the event loop, so that requests go on while a long list is read. */
const linesPerTurn = 1_000;

/** Thrown where a list cannot be used: each bad line with its file and number. */
class AddressListError extends TypeError {
  constructor(problems: readonly string[], more: number) {
    super([...problems, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
    this.name = 'AddressListError';
  }
}

/** A set of networks. A lookup takes the same few steps for any number of them; it allocates nothing for an address of IPv4. */
export class AddressList {
  /** First addresses of the networks in ascending order, none inside another; `width` words each. */
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  /** The number of networks that are kept: one that lies in another one is not. */
  readonly size: number;
  readonly #asked = new Uint32Array(width);

  private constructor(starts: Uint32Array, ends: Uint32Array, size: number) {
    this.#starts = starts;
    this.#ends = ends;
    this.size = size;
  }

  /**
   * Reads a list: an address or a network per line, and anything after `#` is a comment.
   * @param file its name, for messages
   * @throws AddressListError (rejects) that names every bad line with its number, or a list above {@link maxEntries}
   */
  static async read(text: string, file: string): Promise<AddressList> {
    const networks: Network[] = [];
    const problems: string[] = [];
    let bad = 0;
    let number = 0;
    for (const line of text.split('\n')) {
      if (++number % linesPerTurn === 0) await setImmediate();
      const [entry = ''] = line.split('#', 1).map((part) => part.trim());
      if (entry === '') continue;
      const network = readNetwork(entry);
      if (network !== undefined) networks.push(network);
      else if (++bad <= maxNamed)
        problems.push(
          `${file}:${number}: ${JSON.stringify(entry.slice(0, 60))} is no address or network; write ${networkForms}`,
        );
      if (networks.length > maxEntries)
        throw new AddressListError([`${file}:${number}: a list has at most ${maxEntries} entries; join networks`], 0);
    }
    if (bad > 0) throw new AddressListError(problems, bad - problems.length);
    return AddressList.of(networks);
  }

  static of(networks: readonly Network[]): AddressList {
    const count = networks.length;
    const starts = new Uint32Array(count * width);
    const ends = new Uint32Array(count * width);
    for (const [i, [address, bits]] of networks.entries()) {
      const { parts } = address;
      for (let word = 0; word < width; word++) {
        const value = ((parts[2 * word] ?? 0) * 0x1_00_00 + (parts[2 * word + 1] ?? 0)) >>> 0;
        const own = Math.min(32, Math.max(0, bits - 32 * word));
        const mask = own === 0 ? 0 : (0xff_ff_ff_ff << (32 - own)) >>> 0;
        starts[i * width + word] = value & mask;
        ends[i * width + word] = (value & mask) | ~mask;
      }
    }
    // Of two networks one holds the other or they are apart: sorted by their first address and then the largest first, the holder comes first.
    const order = Uint32Array.from({ length: count }, (_, i) => i).sort(
      (a, b) => compare(starts, a, starts, b) || compare(ends, b, ends, a),
    );
    const kept = new AddressList(new Uint32Array(count * width), new Uint32Array(count * width), count);
    let size = 0;
    for (const i of order) {
      if (size > 0 && compare(ends, i, kept.#ends, size - 1) <= 0) continue;
      kept.#starts.set(starts.subarray(i * width, (i + 1) * width), size * width);
      kept.#ends.set(ends.subarray(i * width, (i + 1) * width), size * width);
      size++;
    }
    return new AddressList(kept.#starts.slice(0, size * width), kept.#ends.slice(0, size * width), size);
  }

  /** @param address as a socket or a trusted header gives it. Text that is no address is on no list. */
  has(address: string): boolean {
    const asked = this.#asked;
    if (!readWords(address, asked)) return false;
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.#starts, middle, asked, 0) <= 0) low = middle + 1;
      else high = middle;
    }
    return low > 0 && compare(asked, 0, this.#ends, low - 1) <= 0;
  }
}

/** Compares two addresses in tables of words. */
function compare(one: Uint32Array, i: number, other: Uint32Array, j: number): number {
  for (let word = 0; word < width; word++) {
    const difference = (one[i * width + word] ?? 0) - (other[j * width + word] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** @returns false for text that is no address */
function readWords(address: string, words: Uint32Array): boolean {
  if (address.includes(':')) {
    const read = readIpAddress(address);
    if (read === undefined) return false;
    const { parts } = inIpv6(read);
    for (let word = 0; word < width; word++)
      words[word] = (parts[2 * word] ?? 0) * 0x1_00_00 + (parts[2 * word + 1] ?? 0);
    return true;
  }
  let value = 0;
  let byte = -1;
  let dots = 0;
  for (let i = 0; i < address.length; i++) {
    const code = address.charCodeAt(i);
    if (code === dot) {
      if (byte < 0) return false;
      value = value * 256 + byte;
      byte = -1;
      dots++;
    } else {
      if (code < zero || code > zero + 9) return false;
      byte = Math.max(0, byte) * 10 + code - zero;
      if (byte > 255) return false;
    }
  }
  if (dots !== 3 || byte < 0) return false;
  words.set([0, 0, 0xff_ff, value * 256 + byte]);
  return true;
}

const dot = 0x2e;
const zero = 0x30;
