/** FNV-1a over UTF-16 code units, mixed by the last step of MurmurHash3, whose bits all depend on all of the text. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mixed(hash);
}

/** The rank of a place for a key: of several places the one with the highest rank has the key (weighted rendezvous hashing). */
export function rankOf(keyHash: number, placeHash: number, weight: number): number {
  const drawn = (mixed(keyHash ^ placeHash) + 0.5) / 2 ** 32;
  return -weight / Math.log(drawn);
}

function mixed(from: number): number {
  let hash = from;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
