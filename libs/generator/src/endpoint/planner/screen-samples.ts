import type { MediaDescription, OperationDescription } from '@frontage/contracts';
import { mediaKind, type JsonSchema } from '@frontage/core';
import type { CalledOperation, FileMember } from '../client/client-operations.js';
import { isPersonParameter } from './names.js';
import type { Group, PlannedPart, PlannedScreen } from './planned-screen.js';
import {
  bodyMedia,
  sampledContract,
  sampleParameter,
  type SampledContract,
  type SampleParameter,
} from './sampled-contract.js';
import { isFormWithFiles } from './wiring.js';

/** The user of the sandbox whose token the tests take. */
export const sampleUser = 'ada';

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

/** Reads the stored contracts of a screen and makes values of them. The same contracts make the same values. */
export async function screenSamples(screen: PlannedScreen): Promise<ScreenSamples> {
  const clients = [...new Set(screen.parts.map(({ operation }) => operation.client))];
  const contracts = new Map(
    await Promise.all(clients.map(async (one) => [one, await sampledContract(one.folder)] as const)),
  );
  const described = ({ client, info }: CalledOperation): OperationDescription | undefined =>
    contracts.get(client)?.operations.get(info.id);
  const inputs = new Map<string, SampleParameter[]>();
  let body: unknown;
  let form: SampleForm | undefined;
  for (const { group, pieces } of screen.inputs) {
    for (const { operation, from, names } of pieces) {
      const contract = contracts.get(operation.client);
      const description = described(operation);
      if (contract === undefined || description === undefined) continue;
      if (from === 'body') {
        const media = bodyMedia(description);
        const examples = contract.examples.body(description, media?.media ?? '');
        const small = contract.samples.small(media?.schema ?? true, operation.info.id, 'request');
        body = contract.samples.value(media?.schema ?? true, operation.info.id, 'request', [...examples, small]);
        if (media !== undefined && isFormWithFiles(media.media)) form = formOf(body, media, operation.files());
      } else
        inputs.set(group, [
          ...(inputs.get(group) ?? []),
          ...names.map((name) => namedParameter(contract, description, from, name)),
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

function namedParameter(
  { samples, examples }: SampledContract,
  operation: OperationDescription,
  from: Group,
  name: string,
): SampleParameter {
  const spec = operation.parameters.find((one) => one.in === from && one.name === name);
  if (spec === undefined)
    return { name, value: name, from, style: undefined, isExploded: from === 'query', isJson: false };
  const person = isPersonParameter(name, operation.path) ? [sampleUser] : [];
  return sampleParameter(samples, operation.id, spec, [...person, ...examples.parameter(operation, from, name)]);
}

/** Objects and lists of a form are JSON texts, and each item of a list of texts is a part (RFC 7578 section 4.3). */
function formOf(body: unknown, { encoding = [] }: MediaDescription, files: readonly FileMember[]): SampleForm {
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
export function responseSchema(operation: OperationDescription | undefined): JsonSchema {
  const responses = (operation?.responses ?? []).filter(({ status }) => /^(?:2|default)/.test(status));
  const first = responses.toSorted((one, other) => (one.status < other.status ? -1 : 1))[0];
  const [media] = first?.media ?? [];
  if (media === undefined) return false;
  const kind = mediaKind(media.media);
  return kind === 'json' ? (media.schema ?? true) : { type: 'string' };
}
