import { join } from 'node:path';
import { readContract, type OperationDescription } from '@frontage/contracts';
import { mediaKind, type JsonSchema } from '@frontage/core';
import { ContractSamples } from '@frontage/sandbox';
import { overlayOf } from '../../upstream/stored-contract.js';
import { contractFile } from '../../workspace/upstream-folders.js';
import type { CalledOperation } from '../client/client-operations.js';
import type { UpstreamClient } from '../client/upstream-clients.js';
import { isPersonParameter } from './names.js';
import type { Group, PlannedPart, PlannedScreen } from './planned-screen.js';

/** The user of the sandbox whose token the tests take. */
export const sampleUser = 'ada';

/** A value of a parameter, and how its contract writes it. */
export interface SampleParameter {
  readonly name: string;
  readonly value: unknown;
  readonly style: string | undefined;
  readonly isExploded: boolean;
  readonly isJson: boolean;
}

/** Values that the contracts of a screen accept, for its tests. */
export interface ScreenSamples {
  /** By group of the request. */
  readonly inputs: ReadonlyMap<string, readonly SampleParameter[]>;
  readonly body: unknown;
  /** The response to a part. */
  response(part: PlannedPart): unknown;
}

interface Contract {
  readonly samples: ContractSamples;
  readonly operations: ReadonlyMap<string, OperationDescription>;
}

/** Reads the stored contracts of a screen and makes values of them. The same contracts make the same values. */
export async function screenSamples(screen: PlannedScreen): Promise<ScreenSamples> {
  const clients = [...new Set(screen.parts.map(({ operation }) => operation.client))];
  const contracts = new Map(await Promise.all(clients.map(async (one) => [one, await contractOf(one)] as const)));
  const described = ({ client, info }: CalledOperation): OperationDescription | undefined =>
    contracts.get(client)?.operations.get(info.id);
  const inputs = new Map<string, SampleParameter[]>();
  let body: unknown;
  for (const { group, pieces } of screen.inputs) {
    for (const { operation, from, names } of pieces) {
      const samples = contracts.get(operation.client)?.samples;
      const description = described(operation);
      if (samples === undefined || description === undefined) continue;
      if (from === 'body') body = samples.small(bodySchema(description), operation.info.id, 'request');
      else
        inputs.set(group, [
          ...(inputs.get(group) ?? []),
          ...names.map((name) => parameterOf(samples, description, from, name)),
        ]);
    }
  }
  return {
    inputs,
    body,
    response: ({ operation }) => {
      const samples = contracts.get(operation.client)?.samples;
      return samples?.small(responseSchema(described(operation)), operation.info.id);
    },
  };
}

async function contractOf({ folder }: UpstreamClient): Promise<Contract> {
  const overlay = await overlayOf(folder, undefined);
  const document = await readContract(join(folder, contractFile), { lint: false, ...(overlay && { overlay }) });
  return {
    samples: new ContractSamples(document),
    operations: new Map(document.operations.map((operation) => [operation.id, operation])),
  };
}

function parameterOf(
  samples: ContractSamples,
  operation: OperationDescription,
  from: Group,
  name: string,
): SampleParameter {
  const spec = operation.parameters.find((one) => one.in === from && one.name === name);
  const style = spec?.style;
  const preferred = isPersonParameter(name, operation.path) ? [sampleUser] : [];
  return {
    name,
    value: spec === undefined ? name : samples.value(spec.schema, `${operation.id} ${name}`, 'request', preferred),
    style,
    isExploded: spec?.explode ?? (style ?? (from === 'query' ? 'form' : 'simple')) === 'form',
    isJson: spec?.content !== undefined,
  };
}

function bodySchema({ body }: OperationDescription): JsonSchema {
  const media = body?.media.find((one) => mediaKind(one.media) === 'json') ?? body?.media[0];
  return media?.schema ?? true;
}

/** The schema of the first success, JSON first. */
function responseSchema(operation: OperationDescription | undefined): JsonSchema {
  const responses = (operation?.responses ?? []).filter(({ status }) => /^(?:2|default)/.test(status));
  const first = responses.toSorted((one, other) => (one.status < other.status ? -1 : 1))[0];
  const [media] = first?.media ?? [];
  if (media === undefined) return false;
  const kind = mediaKind(media.media);
  return kind === 'json' ? (media.schema ?? true) : { type: 'string' };
}
