import type { Command } from 'commander';
import { memberFacts, type DescribedOrigin, type MemberFacts } from '@frontage/aggregation/member-origins';
import { memberNames } from '@frontage/contracts/schema-members';
import { askApp, findApp } from '../../dev/built-app.js';
import type { AppDescription, EndpointDescription } from '../../plan/app-description.js';
import { UsageError } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { findEndpoint } from '../../usage/find-endpoint.js';
import { askedMember, unknownMember } from '../../usage/find-member.js';
import { membersText, whyText } from '../../usage/why-text.js';
import { findWorkspace } from '../../workspace/workspace.js';

/** `frontage why`: the origin of a member of a response. */
export function registerWhy(program: Command, context: CommandContext): void {
  program
    .command('why')
    .description('Show where a member of a response comes from: upstream, field, need, age, owner, classification')
    .argument('<app>', 'a folder of apps/')
    .argument('<endpoint...>', 'its method and path, then the member (default: all members)')
    .addHelpText('after', "\nExample:\n  npx frontage why mobile GET /home 'orders[].total'")
    .action(async (name: string, words: readonly string[]) => {
      const root = findWorkspace(context.cwd);
      const found = findApp(root, name);
      // The gateway of this workspace prints it, so it has the shape of the gateway's description.
      const app = (await askApp(root, found, '--describe', context)) as AppDescription;
      const asked = splitWords(words);
      const endpoint = findEndpoint(app, asked.endpoint);
      const answer = whyMember(app, endpoint, asked.member);
      if (answer.below !== '')
        checkBelow(await askApp(root, found, '--openapi', context), endpoint, answer.members[0]?.member ?? '');
      context.report({
        text: answer.text,
        data: { bff: app.bff, endpoint: placeOf(endpoint), members: answer.members },
      });
    });
}

/** `"GET /home" orders[].total`, `GET /home orders[].total`, `/home total`: the words up to the path are the endpoint. */
export function splitWords(words: readonly string[]): {
  readonly endpoint: readonly string[];
  readonly member: string | undefined;
} {
  const single = words.flatMap((word) => word.trim().split(/\s+/));
  const path = single.findIndex((word) => word.startsWith('/'));
  if (path === -1)
    throw new UsageError(`${words.join(' ')} names no endpoint: write its method and path, such as GET /home`);
  const [member, ...more] = single.slice(path + 1);
  if (more.length > 0)
    throw new UsageError(`${[member, ...more].join(' ')} is more than one member: ask for one at a time`);
  return { endpoint: single.slice(0, path + 1), member };
}

const placeOf = ({ method, path }: EndpointDescription): string => `${method} ${path}`;

interface WhyAnswer {
  readonly text: string;
  readonly members: readonly MemberFacts[];
  /** The part of the name below a value that is sent as a whole. */
  readonly below: string;
}

/** @throws {UsageError} for a member that the response does not have, with the nearest one */
export function whyMember(app: AppDescription, endpoint: EndpointDescription, member: string | undefined): WhyAnswer {
  const { origins } = endpoint.screen ?? {};
  const place = placeOf(endpoint);
  if (origins === undefined)
    throw new UsageError(`${place} is written by hand (${endpoint.handler}): the origin of its members is not known`);
  const factsOf = (origin: DescribedOrigin, below?: string): MemberFacts =>
    memberFacts(endpoint.screen?.parts ?? {}, app.policy.upstreams ?? {}, origin, below);
  const shown = `${place} (${app.bff})`;
  if (member === undefined) {
    const members = origins.map((origin) => factsOf(origin));
    return { text: membersText(members, shown), members, below: '' };
  }
  const found = askedMember(member, origins, place);
  const members = found.origins.map((origin) => factsOf(origin, found.below));
  const [only] = members;
  const text =
    members.length === 1 && only !== undefined
      ? whyText(only, shown)
      : membersText(members, `${found.member} of ${shown}`);
  return { text, members, below: found.below };
}

/** The schema of the response says whether there is a member below one that is sent as a whole. */
function checkBelow(document: unknown, { method, path }: EndpointDescription, member: string): void {
  const known = memberNames(document, { method, path: path.replaceAll(/:(\w+)/g, '{$1}') }, member);
  if (known !== undefined) throw unknownMember(member, known, `${method} ${path}`);
}
