import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { PolicyValue } from '../../model/state.js';
import { readPolicy } from '../data/api.js';
import { facts } from '../data/store.js';

/** The values in force, each with the file and the line that it is from. */
export function Policy() {
  const values = useSignal<readonly PolicyValue[]>([]);
  const wanted = useSignal('');
  // Another start of the app may have another policy.
  useEffect(() => {
    void readPolicy().then((read) => (values.value = read));
  }, [facts.value]);
  const words = wanted.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = values.value.filter(({ path, value, file }) => {
    const text = `${path} ${value} ${file}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (
    <section aria-label="Policy">
      <h2 class="view">
        policy <small>values in force, and where each is written; a key that stands nowhere has its default</small>
      </h2>
      <p class="filter">
        <label>
          filter{' '}
          <input
            type="search"
            value={wanted.value}
            placeholder="users timeout"
            onInput={({ currentTarget }) => (wanted.value = currentTarget.value)}
          />
        </label>{' '}
        <span role="status">
          {shown.length} of {values.value.length}
        </span>
      </p>
      <table class="list policy">
        <thead>
          <tr>
            <th scope="col">key</th>
            <th scope="col">value</th>
            <th scope="col">from</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ path, value, written, file, line }) => (
            <tr key={path}>
              <th scope="row">{path}</th>
              <td>
                {value} {written !== undefined && <small>{written}</small>}
              </td>
              <td class="place">
                {file}:{line}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
