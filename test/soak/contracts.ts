import { SchemaTable, type Contract, type Operation } from '@frontage/core';

type None = Record<never, never>;
const object = (properties: Readonly<Record<string, unknown>>, required: readonly string[]): string =>
  JSON.stringify({ type: 'object', properties, required });
const textType = { type: 'string' };
const contract = (upstream: string, schemas: Readonly<Record<string, string>>): Contract => ({
  upstream,
  title: upstream,
  version: '1',
  schemas: new SchemaTable(Object.entries(schemas)),
});
const json = (schema: string, status = '200') => [{ status, media: 'application/json', schema }];
const byId = [{ name: 'id', in: 'path', required: true }] as const;

export interface Profile {
  readonly id: string;
  readonly mark: string;
}
export interface News {
  readonly title: string;
}

/** The upstream that is always well: whatever goes wrong with one of its responses is the fault of the BFF. */
const deskContract = contract('desk', {
  Profile: object({ id: textType, mark: textType }, ['id', 'mark']),
  Big: object({ text: textType }, ['text']),
});
export const getProfile: Operation<{ path: { id: string } }, Profile, None, 'GET'> = {
  contract: deskContract,
  id: 'getProfile',
  method: 'GET',
  path: '/profiles/{id}',
  parameters: byId,
  responses: json('Profile'),
};
/** Served by the same process; the upstream of another contract, because it does not see who is asking. */
export const getNews: Operation<None, News, None, 'GET'> = {
  contract: contract('bulletin', { News: object({ title: textType }, ['title']) }),
  id: 'getNews',
  method: 'GET',
  path: '/news',
  responses: json('News'),
};
export const getBig: Operation<None, { text: string }, None, 'GET'> = {
  contract: deskContract,
  id: 'getBig',
  method: 'GET',
  path: '/big',
  responses: json('Big'),
};
export const getTogether: Operation<{ path: { id: string } }, Profile, None, 'GET'> = {
  contract: deskContract,
  id: 'getTogether',
  method: 'GET',
  path: '/together/{id}',
  parameters: byId,
  responses: json('Profile'),
};
export const addOrder: Operation<{ body: { name: string } }, Profile, None, 'POST'> = {
  contract: deskContract,
  id: 'addOrder',
  method: 'POST',
  path: '/orders',
  body: { required: true, media: ['application/json'] },
  responses: json('Profile', '201'),
};

const moodOf = (upstream: string): Operation<{ path: { id: string } }, Profile, None, 'GET'> => ({
  contract: contract(upstream, { Profile: object({ id: textType, mark: textType }, ['id', 'mark']) }),
  id: 'getMood',
  method: 'GET',
  path: '/moods/{id}',
  parameters: byId,
  responses: json('Profile'),
});
/** The upstream that is killed, frozen and started again. */
export const getFrailMood = moodOf('frail');
/** The upstream behind a name whose name server hangs at times. */
export const getNamedMood = moodOf('named');

export interface Fault {
  readonly id: string;
  readonly text: string;
}
export type FaultOperation = Operation<{ path: { kind: string; id: string } }, Fault, None, 'GET'>;

/** The upstream whose responses are wrong in the way that the path names, once for each transport. */
const faultOf = (transport: string): FaultOperation => ({
  contract: contract(`faulty-${transport}`, {
    Fault: object({ id: textType, text: textType }, ['id', 'text']),
  }),
  id: 'getFault',
  method: 'GET',
  path: '/faults/{kind}/{id}',
  parameters: [{ name: 'kind', in: 'path', required: true }, ...byId],
  responses: json('Fault'),
});
export const transports = ['undici', 'direct', 'axios'] as const;
export const getFaultByUndici = faultOf('undici');
export const getFaultByDirect = faultOf('direct');
export const getFaultByAxios = faultOf('axios');
