import type { BodySpec, ParameterSpec } from '@frontage/core';
import type { GeneratedContract, GeneratedOperation } from './generated-contract.js';
import { schemaChanges } from './schema-changes.js';

/** The changes between two versions of a contract, operations first. Empty where callers notice no change. */
export function contractChanges(before: GeneratedContract, after: GeneratedContract): string[] {
  const gone = [...before.operations.values()].filter(({ id }) => !after.operations.has(id));
  const come = [...after.operations.values()].filter(({ id }) => !before.operations.has(id));
  const renamed = gone.flatMap((old) => {
    const same = come.find((each) => each.method === old.method && each.path === old.path);
    return same === undefined ? [] : [{ old, same }];
  });
  const isRenamed = (operation: GeneratedOperation): boolean =>
    renamed.some(({ old, same }) => old === operation || same === operation);
  const kept = [...before.operations.values()].flatMap((old) => {
    const now = after.operations.get(old.id);
    return now === undefined ? [] : [{ old, now }];
  });
  return [
    ...gone.filter((each) => !isRenamed(each)).map((each) => `${titled(each)} is gone`),
    ...renamed.map(({ old, same }) => `${old.id} is called ${same.id} now (${methodAndPath(old)})`),
    ...come.filter((each) => !isRenamed(each)).map((each) => `${titled(each)} is new`),
    ...[...kept, ...renamed.map(({ old, same }) => ({ old, now: same }))].flatMap(({ old, now }) =>
      operationChanges(old, now).map((change) => `${now.id}: ${change}`),
    ),
    ...schemaChanges(withoutInputs(before), after.schemas),
  ];
}

/** Parameters are compared with their operations. */
function withoutInputs({ operations, schemas }: GeneratedContract): GeneratedContract['schemas'] {
  const places = ['path', 'query', 'header', 'cookie'];
  const inputs = new Set([...operations.values()].flatMap(({ id }) => places.map((place) => `${id}.${place}`)));
  return new Map([...schemas].filter(([name]) => !inputs.has(name)));
}

function titled(operation: GeneratedOperation): string {
  return `${operation.id} (${methodAndPath(operation)})`;
}

function methodAndPath({ method, path }: GeneratedOperation): string {
  return `${method} ${path}`;
}

function operationChanges(old: GeneratedOperation, now: GeneratedOperation): string[] {
  const statuses = (operation: GeneratedOperation): string[] => [
    ...new Set(operation.responses.map(({ status }) => status)),
  ];
  const media = (operation: GeneratedOperation): string[] =>
    operation.responses.flatMap((each) => (each.media === undefined ? [] : [`${each.status} as ${each.media}`]));
  const isBoth = (text: string): boolean => {
    const status = text.split(' ')[0] ?? '';
    return statuses(old).includes(status) && statuses(now).includes(status);
  };
  return [
    ...(methodAndPath(old) === methodAndPath(now) ? [] : [`moved from ${methodAndPath(old)} to ${methodAndPath(now)}`]),
    ...(old.safe === now.safe
      ? []
      : [
          now.safe === true
            ? 'is marked as safe now: plans read with it'
            : 'is not marked as safe any more: plans write with it',
        ]),
    ...parameterChanges(old.parameters ?? [], now.parameters ?? []),
    ...bodyChanges(old.body, now.body),
    ...without(statuses(old), statuses(now)).map((status) => `the response ${status} is gone`),
    ...without(statuses(now), statuses(old)).map((status) => `the response ${status} is new`),
    ...without(media(old), media(now))
      .filter(isBoth)
      .map((each) => `no longer responds with ${each}`),
    ...without(media(now), media(old))
      .filter(isBoth)
      .map((each) => `responds with ${each} now`),
  ];
}

function parameterChanges(old: readonly ParameterSpec[], now: readonly ParameterSpec[]): string[] {
  const find = (list: readonly ParameterSpec[], { name, in: where }: ParameterSpec): ParameterSpec | undefined =>
    list.find((each) => each.name === name && each.in === where);
  return [
    ...old.filter((each) => find(now, each) === undefined).map((each) => `${label(each)} is gone`),
    ...now.flatMap((each) => {
      const was = find(old, each);
      if (was === undefined) return [`${label(each)} is new${each.required === true ? ' and required' : ''}`];
      if (each.required !== was.required)
        return [`${label(each)} is ${each.required === true ? '' : 'not '}required now`];
      const isSame = written(each) === written(was);
      return isSame ? [] : [`${label(each)} has another style`];
    }),
  ];
}

function written({ style, explode, allowReserved, content }: ParameterSpec): string {
  return JSON.stringify([style, explode, allowReserved, content]);
}

function label({ in: where, name }: ParameterSpec): string {
  return `${where} parameter ${name}`;
}

function bodyChanges(old: BodySpec | undefined, now: BodySpec | undefined): string[] {
  if (old === undefined)
    return now === undefined ? [] : [`takes a body${now.required === true ? ', which is required' : ''}`];
  if (now === undefined) return ['takes no body any more'];
  return [
    ...(old.required === now.required ? [] : [`the body is ${now.required === true ? '' : 'not '}required now`]),
    ...without(old.media, now.media).map((media) => `takes no ${media} any more`),
    ...without(now.media, old.media).map((media) => `takes ${media} now`),
  ];
}

function without(list: readonly string[], other: readonly string[]): string[] {
  return list.filter((each) => !other.includes(each));
}
