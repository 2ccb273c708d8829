import type { OperationDescription, ParameterDescription } from '@frontage/contracts';
import { mediaKind, type JsonSchema } from '@frontage/core';
import type { ContractSamples } from '@frontage/sandbox';
import { writtenRequest, type SampleRequest } from '../endpoint/planner/sample-request.js';
import { bodySchema, sampleParameter, type SampleParameter } from '../endpoint/planner/sampled-contract.js';
import { sampleUser } from '../endpoint/planner/screen-samples.js';
import type { EndpointDescription } from '../plan/app-description.js';
import type { UpstreamValues } from './upstream-values.js';

/** An endpoint, and its operation in the document of the app. */
export interface DocumentedEndpoint {
  readonly endpoint: EndpointDescription;
  readonly operation: OperationDescription;
}

/**
 * A request that an endpoint is expected to accept. It has the required parameters, and optional ones that have examples of their own. A value is
 * the example of the input, else the one of the upstream's parameter that the input becomes, else one that the schema accepts.
 * @param samples of the document of the app
 * @returns the reason where no request can be made
 */
export async function exampleRequest(
  { endpoint, operation }: DocumentedEndpoint,
  samples: ContractSamples,
  values: UpstreamValues,
): Promise<SampleRequest | { readonly reason: string }> {
  const inputs = new Map<string, SampleParameter[]>();
  for (const spec of operation.parameters) {
    if (spec.required !== true && !hasExamples(spec.schema)) continue;
    const preferred = await preferredValues(endpoint, spec, values);
    const value = sampleParameter(samples, operation.id, spec, preferred);
    inputs.set(spec.in, [...(inputs.get(spec.in) ?? []), value]);
  }
  const media = operation.body?.media ?? [];
  if (media.length === 0) return writtenRequest(endpoint.path, inputs, { body: undefined, form: undefined });
  if (!media.some((one) => mediaKind(one.media) === 'json'))
    return { reason: `its request body is ${media.map((one) => one.media).join(' or ')}, and not JSON` };
  const body = await exampleBody({ endpoint, operation }, samples, values);
  return writtenRequest(endpoint.path, inputs, { body, form: undefined });
}

async function preferredValues(
  { access, screen }: EndpointDescription,
  { in: group, name, schema }: ParameterDescription,
  values: UpstreamValues,
): Promise<readonly unknown[]> {
  if (hasExamples(schema)) return [];
  const owner = access === 'public' ? undefined : access.owner;
  const isOwner = (group === 'path' && owner?.path === name) || (group === 'query' && owner?.query === name);
  return isOwner ? [sampleUser] : values.of(screen, `${group}.${name}`);
}

async function exampleBody(
  { endpoint: { screen }, operation }: DocumentedEndpoint,
  samples: ContractSamples,
  values: UpstreamValues,
): Promise<unknown> {
  const schema = bodySchema(operation);
  const small = samples.small(schema, operation.id, 'request');
  if (hasExamples(schema)) return small;
  const whole = (await values.of(screen, 'body')).find((one) => samples.accepts(schema, one, 'request'));
  if (whole !== undefined) return whole;
  if (!isObject(small)) return small;
  const members = Object.entries(small).map(async ([name, value]) => {
    if (hasExamples(memberSchema(schema, name))) return [name, value] as const;
    const found = (await values.of(screen, `body.${name}`)).find((one) =>
      samples.accepts(schema, { ...small, [name]: one }, 'request'),
    );
    return [name, found ?? value] as const;
  });
  return Object.fromEntries(await Promise.all(members));
}

function memberSchema(schema: JsonSchema, name: string): unknown {
  const properties = isObject(schema) ? schema['properties'] : undefined;
  return isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

const hasExamples = (schema: unknown): boolean => isObject(schema) && Array.isArray(schema['examples']);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
