import type { MissingStatus } from '@frontage/core';
import type { Part } from '../model/references.js';

const missing = (status: MissingStatus): Part<never> => Object.freeze({ ok: false, status });

/** The missing part of each status. One frozen object per status is enough. */
export const missingParts: Readonly<Record<MissingStatus, Part<never>>> = {
  timeout: missing('timeout'),
  error: missing('error'),
  bad_payload: missing('bad_payload'),
  open_circuit: missing('open_circuit'),
  shed: missing('shed'),
  skipped: missing('skipped'),
  credentials: missing('credentials'),
  forbidden: missing('forbidden'),
  not_found: missing('not_found'),
};
