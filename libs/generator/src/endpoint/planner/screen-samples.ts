import { join } from 'node:path';
import { readContract, type OperationDescription } from '@frontage/contracts';
import { mediaKind, type JsonSchema } from '@frontage/core';
import { ContractSamples } from '@frontage/sandbox';
import { overlayOf } from '../../upstream/stored-contract.js';
import { contractFile } from '../../workspace/upstream-folders.js';
import type { CalledOperation, FileMember } from '../client/client-operations.js';
import type { UpstreamClient } from '../client/upstream-clients.js';
import { isPersonParameter } from './names.js';
import type { Group, PlannedPart, PlannedScreen } from './planned-screen.js';
import { isFormWithFiles } from './wiring.js';

/** The user of the sandbox whose token the tests take. */
export const sampleUser = 'ada';

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

/** A form with files: texts by name, and of each file its name and media type. */
export interface SampleForm {
  readonly texts: readonly (readonly [name: string, text: string])[];
  readonly files: readonly { readonly name: string; readonly fileName: string; readonly type: string }[];
}

/** Values that the contracts of a screen accept, for its tests. */
export interface ScreenSamples {
  /** By group of the request. */
  readonly inputs: ReadonlyMap<string, readonly SampleParameter[]>;
  readonly body: unknown;
  /** The body, where it is a form with files. */
  readonly form: SampleForm | undefined;
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
  let form: SampleForm | undefined;
  for (const { group, pieces } of screen.inputs) {
    for (const { operation, from, names } of pieces) {
      const samples = contracts.get(operation.client)?.samples;
      const description = described(operation);
      if (samples === undefined || description === undefined) continue;
      if (from === 'body') {
        const media = bodyMedia(description);
        body = samples.small(media?.schema ?? true, operation.info.id, 'request');
        if (media !== undefined && isFormWithFiles(media.media)) form = formOf(body, media, operation.files());
      } else
        inputs.set(group, [
          ...(inputs.get(group) ?? []),
          ...names.map((name) => parameterOf(samples, description, from, name)),
        ]);
    }
  }
  return {
    inputs,
    body,
    form,
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
    from,
    style,
    isExploded: spec?.explode ?? (style ?? (from === 'query' ? 'form' : 'simple')) === 'form',
    isJson: spec?.content !== undefined,
  };
}

type BodyMedia = NonNullable<OperationDescription['body']>['media'][number];

const bodyMedia = ({ body }: OperationDescription): BodyMedia | undefined =>
  body?.media.find((one) => mediaKind(one.media) === 'json') ?? body?.media[0];

/** Objects and lists of a form are JSON texts, and each item of a list of texts is a part (RFC 7578 section 4.3). */
function formOf(body: unknown, { encoding = [] }: BodyMedia, files: readonly FileMember[]): SampleForm {
  const names = new Set(files.map(({ name }) => name));
  const members = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  const texts = members.flatMap(([name, value]: [string, unknown]): (readonly [string, string])[] => {
    if (names.has(name)) return [];
    const isJson = encoding.some((each) => each.name === name && mediaKind(each.contentType ?? '') === 'json');
    return Array.isArray(value) && !isJson ? value.map((item) => [name, textOf(item)]) : [[name, textOf(value)]];
  });
  return {
    texts,
    files: files.map(({ name }) => {
      const [first = ''] = (encoding.find((each) => each.name === name)?.contentType ?? '').split(',');
      const type = first.trim().replace('*/*', '').replace('/*', '/png') || 'application/octet-stream';
      return { name, fileName: `${name}.${extensions.get(type) ?? 'bin'}`, type };
    }),
  };
}

const extensions: ReadonlyMap<string, string> = new Map([
  ['image/png', 'png'],
  ['image/jpeg', 'jpg'],
  ['application/pdf', 'pdf'],
  ['text/plain', 'txt'],
  ['text/csv', 'csv'],
]);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The schema of the first success, JSON first. */
function responseSchema(operation: OperationDescription | undefined): JsonSchema {
  const responses = (operation?.responses ?? []).filter(({ status }) => /^(?:2|default)/.test(status));
  const first = responses.toSorted((one, other) => (one.status < other.status ? -1 : 1))[0];
  const [media] = first?.media ?? [];
  if (media === undefined) return false;
  const kind = mediaKind(media.media);
  return kind === 'json' ? (media.schema ?? true) : { type: 'string' };
}
