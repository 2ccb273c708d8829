import { computed, signal } from '@preact/signals';

export const views = ['requests', 'upstreams', 'endpoints', 'policy', 'sandbox'] as const;
export type View = (typeof views)[number];

const hash = signal(location.hash);
addEventListener('hashchange', () => (hash.value = location.hash));

const parts = computed(() => hash.value.replace(/^#\//, '').split('/').map(decodeURIComponent));

export const view = computed((): View => views.find((one) => one === parts.value[0]) ?? 'requests');

/** The id or the name behind the view. */
export const chosen = computed(() => parts.value.slice(1).join('/'));

export const chosenRequest = computed(() =>
  view.value === 'requests' && /^\d+$/.test(chosen.value) ? Number(chosen.value) : undefined,
);

export const linkTo = (to: View, name?: string | number): string =>
  `#/${to}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
