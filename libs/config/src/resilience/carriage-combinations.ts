import type { Path } from '../document/tree.js';
import type { Policy } from '../schema/bff.schema.js';
import { hasTls } from './to-carriage.js';
import type { CarriageConfig } from '../blocks/carriage-config.js';

type Refuse = (path: Path, message: string) => void;
type Has = (path: Path) => boolean;

/** Refuses settings of connections that would have no effect: a setting of TLS that is not used is worse than none (RELIABILITY F27). */
export function checkCarriage(
  path: Path,
  written: Policy['upstreams'][string],
  { transport, proxy }: Pick<CarriageConfig, 'transport' | 'proxy'>,
  refuse: Refuse,
  has: Has,
): void {
  const { tls, pipelining, protocol } = written;
  if (pipelining > 1 && transport !== 'direct' && has([...path, 'pipelining'])) {
    const why = protocol === 'h2' ? ' by "protocol: h2"' : proxy === undefined ? '' : ' by its proxy';
    refuse(
      [...path, 'pipelining'],
      `needs "transport: direct", and this is ${transport}${written.transport === transport ? '' : why}`,
    );
  }
  if (transport === 'axios' && protocol === 'h2')
    refuse(
      [...path, has([...path, 'protocol']) ? 'protocol' : 'transport'],
      'axios does not speak HTTP/2; write "transport: undici"',
    );
  if (protocol !== 'h2' && has([...path, 'streams']))
    refuse([...path, 'streams'], '"streams" is not used without "protocol: h2"');
  if (tls === undefined || tls === 'off') return;
  const at = [...path, 'tls'];
  const isUsable = hasTls(written);
  if (isUsable && transport === 'axios')
    refuse(has(at) ? at : [...path, 'transport'], 'axios does not use "tls"; write "transport: undici"');
  if (!isUsable && has(at)) refuse(at, '"tls" is not used: no address begins with https:');
  if ((tls.certificate === undefined) !== (tls.key === undefined))
    refuse(
      has(at) ? [...at, tls.key === undefined ? 'certificate' : 'key'] : path,
      'tls.certificate and tls.key belong together',
    );
}
