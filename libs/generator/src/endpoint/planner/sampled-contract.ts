import { join } from 'node:path';
import {
  readContract,
  type ContractDocument,
  type MediaDescription,
  type OperationDescription,
  type ParameterDescription,
} from '@frontage/contracts';
import { mediaKind, type JsonSchema } from '@frontage/core';
import { ContractSamples } from '@frontage/sandbox';
import { storedOverlays } from '../../upstream/stored-contract.js';
import { contractFile } from '../../workspace/upstream-folders.js';
import { ContractExamples } from './contract-examples.js';
import type { Group } from './planned-screen.js';

/** A contract with values that its schemas accept. The same contract makes the same values. */
export interface SampledContract {
  readonly samples: ContractSamples;
  readonly examples: ContractExamples;
  /** By id. */
  readonly operations: ReadonlyMap<string, OperationDescription>;
}

/** A value of a parameter, and how its contract writes it. */
export interface SampleParameter {
  readonly name: string;
  readonly value: unknown;
  /** The group of the contract that it is taken from. */
  readonly from: Group;
  readonly style: string | undefined;
  readonly isExploded: boolean;
  readonly isJson: boolean;
}

/** Reads the stored contract of an upstream. @param folder `libs/upstreams/<name>` */
export async function sampledContract(folder: string): Promise<SampledContract> {
  const overlays = await storedOverlays(folder);
  return sampled(await readContract(join(folder, contractFile), { lint: false, overlays }));
}

export const sampled = (document: ContractDocument): SampledContract => ({
  samples: new ContractSamples(document),
  examples: new ContractExamples(document),
  operations: new Map(document.operations.map((operation) => [operation.id, operation])),
});

/** @param preferred values that are taken first, where the schema accepts them */
export function sampleParameter(
  samples: ContractSamples,
  operation: string,
  { in: place, name, schema, style, explode, content }: ParameterDescription,
  preferred: readonly unknown[],
): SampleParameter {
  return {
    name,
    value: samples.value(schema, `${operation} ${name}`, 'request', preferred),
    from: place,
    style,
    isExploded: explode ?? (style ?? (place === 'query' ? 'form' : 'simple')) === 'form',
    isJson: content !== undefined,
  };
}

/** The media type of a request body, JSON first; `undefined` without a body. */
export const bodyMedia = ({ body }: OperationDescription): MediaDescription | undefined =>
  body?.media.find((one) => mediaKind(one.media) === 'json') ?? body?.media[0];

export const bodySchema = (operation: OperationDescription): JsonSchema => bodyMedia(operation)?.schema ?? true;
