import { mediaKind } from '@frontage/core';
import type ts from 'typescript';
import type { CalledOperation } from '../client/client-operations.js';
import { isNilable, type Shape } from '../client/shape.js';
import { member } from './member-text.js';
import { collectionBefore, isPerson, isPersonParameter, namesIdOf } from './names.js';
import type { Group, PlannedArgument, PlannedBody } from './planned-screen.js';
import type { RequestInputs } from './request-inputs.js';

/** A call that is planned already, as the source of values for later ones. */
export interface EarlierPart {
  readonly name: string;
  readonly noun: string;
  readonly isOptional: boolean;
  readonly shape: Shape;
}

export interface WiringOptions {
  readonly checker: ts.TypeChecker;
  readonly inputs: RequestInputs;
  /** The parameters of a given route; undefined where the route follows from the calls. */
  readonly route: readonly string[] | undefined;
  /** The caller is the person whose data a parameter names, even where it stands in the path of a service. */
  readonly isForCaller: boolean;
}

type Found = Pick<PlannedArgument, 'source' | 'note'>;

/** Finds the values of the required parameters of one call: in the route, in earlier calls, in the token, in the request. */
export class Wiring {
  constructor(private readonly options: WiringOptions) {}

  arguments(operation: CalledOperation, earlier: readonly EarlierPart[], isOptional: boolean): PlannedArgument[] {
    const required = (operation.info.parameters ?? []).filter((one) => one.required === true || one.in === 'path');
    return required.map(({ in: group, name }) => ({
      group,
      name,
      ...this.#source(operation, group, name, isOptional ? earlier : earlier.filter((part) => !part.isOptional)),
    }));
  }

  body(operation: CalledOperation): PlannedBody | undefined {
    const { body } = operation.info;
    if (body === undefined) return undefined;
    const media = body.media.find((one) => mediaKind(one) === 'json') ?? body.media[0] ?? '';
    const kind = mediaKind(media);
    // The files of a form pass through a write; a read might be sent again.
    const isForm = isFormWithFiles(media) && !operation.isRead;
    const isInput = kind === 'json' || kind === 'form' || kind === 'text' || isForm;
    if (body.required !== true && (!isInput || this.options.inputs.hasBody)) return undefined;
    const contentType = media === body.media[0] ? undefined : media;
    if (!isInput) {
      const note = `body: ${media} is no input of a screen: take it in a hand-written handler, see docs/typed-clients.md`;
      return { isWired: false, note, contentType };
    }
    if (this.options.inputs.hasBody) {
      const note = `body: the request has one body, which another call takes: write this one, such as { name: body.name }`;
      return { isWired: false, note, contentType };
    }
    this.options.inputs.provideBody(operation);
    return { isWired: true, note: undefined, contentType };
  }

  #source(operation: CalledOperation, group: Group, name: string, earlier: readonly EarlierPart[]): Found {
    const type = operation.parameter(group, name);
    if (type === undefined) return { source: undefined, note: `${name}: is required: write where it comes from` };
    const { route, isForCaller } = this.options;
    if (route?.includes(name) === true && group !== 'cookie') return this.#fromRoute(operation, group, name, type);
    const field = this.#field(name, type, earlier);
    if (field !== undefined) return { source: field, note: undefined };
    const isPersonal = isPersonParameter(name, operation.info.path);
    if (isPersonal && (group !== 'path' || isForCaller) && this.#takesText(type))
      return { source: 'caller.subject', note: 'the caller; write another source where it is somebody else' };
    if (group === 'cookie') return this.#open(name, type);
    // Names such as `user-id` are no parameters of a route.
    if (group === 'path' && !/^\w+$/.test(name)) return this.#fromRequest(operation, group, 'query', name, type);
    if (group === 'path' && route !== undefined) return this.#open(name, type);
    return this.#fromRequest(operation, group, group, name, type);
  }

  #fromRoute(operation: CalledOperation, from: Group, name: string, type: ts.Type): Found {
    return this.#fromRequest(operation, from, 'path', name, type);
  }

  #fromRequest(
    operation: CalledOperation,
    from: Group,
    group: 'path' | 'query' | 'header',
    name: string,
    type: ts.Type,
  ): Found {
    const { inputs, checker } = this.options;
    const known = inputs.provider(group, name);
    const source = member(group, name);
    if (known === undefined) {
      inputs.provide(group, name, { type, operation, from });
      return { source, note: undefined };
    }
    if (!checker.isTypeAssignableTo(known.type, type)) return this.#open(name, type);
    const isSame =
      group !== 'path' ||
      collectionBefore(name, known.operation.info.path) === collectionBefore(name, operation.info.path);
    const other = `${known.operation.client.name}.${known.operation.name}`;
    return {
      source,
      note: isSame ? undefined : `the same ${name} as of ${other}: write another source where it is not`,
    };
  }

  /** A member of an earlier response: of the same name, or the id of the thing that the parameter names. */
  #field(name: string, type: ts.Type, earlier: readonly EarlierPart[]): string | undefined {
    const fits = (part: EarlierPart, wanted: string): string | undefined => {
      if (part.shape.kind !== 'object' || part.shape.isNil) return undefined;
      const found = part.shape.members.find((one) => one.name === wanted);
      if (found === undefined || isNilable(this.options.checker, found.type)) return undefined;
      return this.options.checker.isTypeAssignableTo(found.type, type) ? member(part.name, wanted) : undefined;
    };
    // `id` is a member of most things, and mostly of others than the one that is asked for.
    const same = isGeneric(name) ? undefined : first(earlier, (part) => fits(part, name));
    if (same !== undefined) return same;
    const isPersonal = isPersonParameter(name, '');
    return first(earlier, (part) =>
      namesIdOf(name, part.noun) || (isPersonal && isPerson(part.noun)) ? fits(part, 'id') : undefined,
    );
  }

  #takesText(type: ts.Type): boolean {
    const { checker } = this.options;
    return checker.isTypeAssignableTo(checker.getStringType(), type);
  }

  #open(name: string, type: ts.Type): Found {
    const text = this.options.checker.typeToString(type);
    const note = `${name}: ${text} is required: write where it comes from, such as caller.subject, a member of an earlier part, or a parameter of the route`;
    return { source: undefined, note };
  }
}

/** `multipart/form-data`, which a screen takes as its input (RFC 7578). */
export const isFormWithFiles = (media: string): boolean => /^multipart\/form-data\b/i.test(media);

const isGeneric = (name: string): boolean =>
  /^(?:id|uuid|key|pk|name|type|code|status|kind|limit|page|offset)$/i.test(name);

function first<T, R>(items: readonly T[], found: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const result = found(item);
    if (result !== undefined) return result;
  }
  return undefined;
}
