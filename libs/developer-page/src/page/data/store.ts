import { batch, computed, signal } from '@preact/signals';
import type { RequestRecord } from '../../model/request-record.js';
import type { DeveloperState, EndpointState, SandboxState, UpstreamState } from '../../model/state.js';
import { readState } from './api.js';
import { chosenRequest, view } from './route.js';

/** Requests that the page keeps. */
const maxRequests = 100;

type Facts = Pick<DeveloperState, 'app' | 'environment' | 'url'>;

export const facts = signal<Facts | undefined>(undefined);
export const endpoints = signal<readonly EndpointState[]>([]);
export const upstreams = signal<readonly UpstreamState[]>([]);
/** The newest first. */
export const requests = signal<readonly RequestRecord[]>([]);
export const sandbox = signal<SandboxState | undefined>(undefined);
export const isLive = signal(false);
/** The last thing that happened, for people who listen to the page. */
export const spoken = signal('');
/** The request whose repetition is awaited. */
export const awaited = signal<number | undefined>(undefined);

/** Faults that do something, with the upstream of each. */
export const activeFaults = computed(() =>
  Object.entries(sandbox.value?.faults ?? {}).flatMap(([upstream, faults]) =>
    faults
      .filter((fault) => Object.keys(fault).some((key) => key !== 'operation'))
      .map((fault) => ({ upstream, fault })),
  ),
);

export const selected = computed(() => {
  const id = chosenRequest.value;
  return id === undefined ? requests.value[0] : requests.value.find((one) => one.id === id);
});

export function take(state: SandboxState): void {
  sandbox.value = state;
}

let source: EventSource | undefined;
/** The word of the process that the requests are of. */
let boot = '';

/** Milliseconds after which an app that does not respond is asked again. */
const againMs = 1_000;

async function load(): Promise<void> {
  const state = await readState();
  batch(() => {
    facts.value = state;
    endpoints.value = state.endpoints;
    upstreams.value = state.upstreams;
    requests.value = state.requests;
    sandbox.value = state.sandbox;
  });
  // The ids begin anew with each process.
  if (boot !== '' && boot !== state.boot && view.value === 'requests') location.hash = '#/requests';
  boot = state.boot;
  document.title = `${state.app} · Frontage`;
  open(`${state.boot}.${state.requests[0]?.id ?? 0}`);
}

function open(after: string): void {
  source?.close();
  source = new EventSource(`/developer/events?after=${after}`);
  source.addEventListener('open', () => (isLive.value = true));
  source.addEventListener('error', ({ currentTarget }) => {
    isLive.value = false;
    // The browser tries again by itself, but after a response that is no stream.
    if (currentTarget === source && source.readyState === EventSource.CLOSED) setTimeout(connect, againMs);
  });
  source.addEventListener('request', ({ data }: MessageEvent<string>) => addRequest(JSON.parse(data)));
  source.addEventListener('upstreams', ({ data }: MessageEvent<string>) => (upstreams.value = JSON.parse(data)));
  source.addEventListener('sandbox', ({ data }: MessageEvent<string>) => (sandbox.value = JSON.parse(data)));
  // The app was started anew, or this page was away for too long.
  source.addEventListener('reset', () => connect());
}

function addRequest(record: RequestRecord): void {
  if (requests.value.some(({ id }) => id === record.id)) return;
  batch(() => {
    requests.value = [record, ...requests.value].slice(0, maxRequests);
    const missing = record.missingParts > 0 ? `, ${record.missingParts} missing` : '';
    spoken.value = `${record.method} ${record.path}: ${record.status}${missing}`;
    if (record.replayOf === undefined || record.replayOf !== awaited.value) return;
    awaited.value = undefined;
    if (view.value === 'requests') location.hash = `#/requests/${record.id}`;
  });
}

/** Reads all that there is, and then the events. An app that is being built is asked again. */
export function connect(): void {
  source?.close();
  source = undefined;
  load().catch(() => {
    isLive.value = false;
    setTimeout(connect, againMs);
  });
}
