import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import type { FaultState } from '../../model/state.js';
import { setFault } from '../data/api.js';
import { sandbox, spoken, take } from '../data/store.js';
import { duration, messageOf, percent } from './format.js';

const failures: readonly (readonly [value: string, label: string])[] = [
  ['none', 'none'],
  ['500', 'status 500'],
  ['503', 'status 503'],
  ['429', 'status 429'],
  ['404', 'status 404'],
  ['hang', 'no response'],
  ['badPayload', 'broken JSON'],
  ['reset', 'connection reset'],
];

interface Form {
  readonly latencyMs: number;
  readonly failure: string;
  readonly rate: number;
}

const formOf = (fault: FaultState | undefined): Form => ({
  latencyMs: fault?.latencyMs ?? 0,
  failure:
    (['reset', 'hang', 'badPayload'] as const).find((name) => fault?.[name] !== undefined) ??
    (fault?.status === undefined ? 'none' : String(fault.status)),
  rate: fault?.rate ?? 1,
});

function faultOf({ latencyMs, failure, rate }: Form): FaultState | null {
  if (latencyMs === 0 && failure === 'none') return null;
  return {
    ...(latencyMs > 0 && { latencyMs }),
    ...(failure === 'reset' || failure === 'hang' || failure === 'badPayload' ? { [failure]: true } : {}),
    ...(/^\d+$/.test(failure) && { status: Number(failure) }),
    ...(rate < 1 && { rate }),
  };
}

/** Says a fault in a few words: `600 ms later`, `status 503 for 20 %`. */
export function faultText(fault: FaultState): string {
  const { latencyMs, failure, rate } = formOf(fault);
  const label = failures.find(([value]) => value === failure)?.[1] ?? `status ${failure}`;
  const texts = [
    ...(latencyMs > 0 ? [`${duration(latencyMs)} later`] : []),
    ...(failure === 'none' ? [] : [failure === 'reset' && rate === 1 ? 'killed' : label]),
  ];
  return `${texts.join(', ')}${rate < 1 ? ` for ${percent(rate)}` : ''}`;
}

interface Props {
  readonly upstream: string;
  /** Absent: all operations of the upstream that have no fault of their own. */
  readonly operation?: string;
}

/** Milliseconds after the last move of a slider. */
const settleMs = 150;

/** The fault of an upstream or an operation, set in the sandbox while a slider moves. */
export function FaultControl({ upstream, operation }: Props) {
  const id = useId();
  const error = useSignal('');
  const draft = useSignal<Form | undefined>(undefined);
  const timer = useRef(0);
  const present = sandbox.value?.faults[upstream]?.find((fault) => fault.operation === operation);
  const form = draft.value ?? formOf(present);
  const send = (next: Form): void => {
    setFault(upstream, operation, faultOf(next)).then(
      (state) => {
        take(state);
        draft.value = undefined;
        error.value = '';
        const fault = faultOf(next);
        spoken.value = `${upstream}: ${fault === null ? 'no fault' : faultText(fault)}`;
      },
      (cause: unknown) => {
        draft.value = undefined;
        error.value = messageOf(cause);
      },
    );
  };
  const change = (part: Partial<Form>): void => {
    const next = { ...form, ...part };
    draft.value = next;
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => send(next), settleMs);
  };
  const isKilled = form.failure === 'reset' && form.rate === 1;
  const name = operation === undefined ? upstream : `${upstream}.${operation}`;
  return (
    <fieldset class="faults">
      <legend class="unseen">Faults of {name}</legend>
      <label for={`${id}delay`}>delay</label>
      <input
        id={`${id}delay`}
        type="range"
        min="0"
        max="3000"
        step="50"
        value={form.latencyMs}
        aria-valuetext={duration(form.latencyMs)}
        onInput={({ currentTarget }) => change({ latencyMs: Number(currentTarget.value) })}
      />
      <output for={`${id}delay`}>{duration(form.latencyMs)}</output>
      <label for={`${id}failure`}>failure</label>
      <select
        id={`${id}failure`}
        value={form.failure}
        onChange={({ currentTarget }) => change({ failure: currentTarget.value })}
      >
        {failures.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <span />
      <label for={`${id}rate`}>share of calls</label>
      <input
        id={`${id}rate`}
        type="range"
        min="5"
        max="100"
        step="5"
        value={Math.round(form.rate * 100)}
        aria-valuetext={percent(form.rate)}
        disabled={faultOf(form) === null}
        onInput={({ currentTarget }) => change({ rate: Number(currentTarget.value) / 100 })}
      />
      <output for={`${id}rate`}>{percent(form.rate)}</output>
      <div class="actions">
        <button
          type="button"
          class={isKilled ? 'on' : ''}
          aria-pressed={isKilled}
          onClick={() => send({ latencyMs: 0, failure: isKilled ? 'none' : 'reset', rate: 1 })}
        >
          Kill {operation ?? upstream}
        </button>
        <button
          type="button"
          disabled={faultOf(form) === null}
          onClick={() => send({ latencyMs: 0, failure: 'none', rate: 1 })}
        >
          No fault
        </button>
      </div>
      {error.value !== '' && (
        <p class="bad" role="alert">
          {error.value}
        </p>
      )}
    </fieldset>
  );
}
