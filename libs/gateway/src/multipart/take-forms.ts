import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ProblemError } from '@frontage/core';
import type { MultipartLimits } from '@frontage/config';
import type { FormMember } from '@frontage/aggregation';
import { notTaken } from '../body/body-parser.js';
import { IncomingForm, type FormValues } from './incoming-form.js';

const formType = /^multipart\/form-data(?:$|[\s;])/i;

/** True if a request says that its body is a form with parts. */
export const isForm = ({ 'content-type': contentType = '' }: IncomingHttpHeaders): boolean =>
  formType.test(contentType);

/** The part of an exchange that a form belongs to. */
interface FormHolder {
  readonly request: IncomingMessage;
  readonly response: { once(event: 'close', listener: () => void): unknown };
  form: IncomingForm | undefined;
}

/**
 * Begins to read the form of a request. It ends with the response at the latest, so that a call which still passes it on ends too.
 * @throws ProblemError for a content type without a boundary, and for a content coding
 */
export function openForm(
  holder: FormHolder,
  members: ReadonlyMap<string, FormMember>,
  limits: MultipartLimits,
): Promise<FormValues> {
  const coding = holder.request.headers['content-encoding']?.trim().toLowerCase();
  if (coding !== undefined && coding !== '' && coding !== 'identity')
    throw new ProblemError('GW_UNSUPPORTED_MEDIA_TYPE', {
      detail: 'The body is taken without a content coding.',
      headers: { 'accept-encoding': 'identity' },
    });
  const form = new IncomingForm(holder.request, members, limits);
  holder.form = form;
  holder.response.once('close', () => form.close());
  return form.ready;
}

interface FormRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions: { readonly config: object };
}

/** The required members of a Fastify instance. */
interface FormTable {
  addContentTypeParser(
    type: RegExp,
    parser: (request: FormRequest, body: unknown, done: (error: Error | null, body?: unknown) => void) => void,
  ): unknown;
}

/** Reads the form of a request; undefined where its route takes none. */
type ReadFormOf = (request: IncomingMessage) => Promise<FormValues> | undefined;

/** Has Fastify take forms with files, on the routes that declare them, without holding the files. */
export function takeForms(
  instance: FormTable,
  readForm: ReadFormOf,
  mediaOf: (config: object) => string | undefined,
): void {
  instance.addContentTypeParser(formType, ({ raw, routeOptions }, _body, done) => {
    let form: Promise<FormValues> | undefined;
    try {
      form = readForm(raw);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (form === undefined) done(notTaken(mediaOf(routeOptions.config)));
    else form.then((values) => done(null, values), done);
  });
}
