import type { RatesConfig, SignalConfig } from '../blocks/rates-config.js';
import type { Path } from '../document/tree.js';
import type { Policy } from '../schema/bff.schema.js';

/** Signals about callers need an app that knows them. */
type RatesOfApp = RatesConfig & { readonly access?: object };

type Refuse = (path: Path, message: string) => void;

/** Finds limits, lists and signals that contradict themselves. */
export function checkRates(config: RatesOfApp, policy: Policy, refuse: Refuse): void {
  checkRateClasses(config, refuse);
  for (const [name, written] of Object.entries(policy.signals)) checkSignal(name, written, config, refuse);
}

/** The members that each kind of rule needs; it takes no others of these. */
const needs: Readonly<Record<SignalConfig['watch'], readonly SignalMember[]>> = {
  refusals: ['share', 'atLeast'],
  accountsPerAddress: ['above'],
  addressesPerAccount: ['above'],
  sequence: ['above', 'route', 'after'],
};
const mayHave: Readonly<Record<SignalConfig['watch'], readonly SignalMember[]>> = {
  refusals: ['per'],
  accountsPerAddress: [],
  addressesPerAccount: [],
  sequence: ['per', 'within'],
};
const members = ['per', 'share', 'atLeast', 'above', 'route', 'after', 'within'] as const;
type SignalMember = (typeof members)[number];

function checkSignal(name: string, written: Policy['signals'][string], config: RatesOfApp, refuse: Refuse): void {
  const path = ['signals', name];
  const { watch, action, rateClass } = written;
  for (const member of members) {
    if (written[member] === undefined) {
      if (needs[watch].includes(member)) refuse(path, `"watch: ${watch}" needs "${member}"`);
    } else if (!needs[watch].includes(member) && !mayHave[watch].includes(member))
      refuse([...path, member], `"${member}" is not used with "watch: ${watch}"; remove it`);
  }
  if (action === 'slow' && rateClass === undefined) refuse(path, '"action: slow" needs a "rateClass"');
  if (action !== 'slow' && rateClass !== undefined)
    refuse(
      [...path, 'rateClass'],
      `"rateClass" is not used with "action: ${action}"; write "action: slow" or remove it`,
    );
  if (rateClass !== undefined && !Object.hasOwn(config.rateClasses, rateClass))
    refuse([...path, 'rateClass'], `"${rateClass}" is not in rateClasses; add it there`);
  const isAboutCallers = watch === 'addressesPerAccount' || watch === 'accountsPerAddress' || action === 'stepUp';
  if (isAboutCallers && config.access === undefined)
    refuse(path, 'is about callers, and this app takes no tokens; add "access", or remove it');
}

function checkBurst(path: Path, limit: number, burst: number | undefined, refuse: Refuse): void {
  if (burst !== undefined && burst > limit)
    refuse(
      [...path, 'burst'],
      `${burst} at once are more than the limit, ${limit}; write at most ${limit}, or remove it`,
    );
}

function checkRateClasses({ rateClasses, addressLimit, addressLists }: RatesConfig, refuse: Refuse): void {
  if (addressLists !== undefined && addressLists.deny === undefined && addressLists.allow === undefined)
    refuse(['addressLists'], 'names no list; write deny: FILE or allow: FILE, or remove it');
  if (addressLimit !== undefined) checkBurst(['addressLimit'], addressLimit.limit, addressLimit.burst, refuse);
  for (const [name, rules] of Object.entries(rateClasses)) {
    const seen = new Map<string, number>();
    for (const [index, { per, role, windowMs, limit, burst }] of rules.entries()) {
      const path = ['rateClasses', name, index];
      checkBurst(path, limit, burst, refuse);
      if (per === 'role' && role === undefined) refuse(path, '"per: role" needs a "role"');
      if (per !== 'role' && role !== undefined)
        refuse([...path, 'role'], `"role" is not used with "per: ${per}"; write "per: role" or remove it`);
      const key = `${per} ${role ?? ''} ${windowMs} ${burst === undefined ? '' : 'burst'}`;
      const earlier = seen.get(key);
      if (earlier !== undefined)
        refuse(path, `this rule counts the same as rule ${earlier + 1} of "${name}"; keep the stricter one`);
      seen.set(key, earlier ?? index);
    }
  }
}
