import { nearest } from '@frontage/core';
import { meant } from '../dev/built-app.js';
import type { AppDescription, EndpointDescription } from '../plan/app-description.js';
import { UsageError } from '../terminal/command.errors.js';

/**
 * The endpoint that is meant: `GET /orders/o-1`, `GET /orders/:id`, `get /orders/{id}`, or the path alone where it has one method.
 * @throws {UsageError} that suggests the nearest one
 */
export function findEndpoint({ bff, endpoints }: AppDescription, wanted: readonly string[]): EndpointDescription {
  const path = wanted.find((word) => word.startsWith('/')) ?? '';
  const method = wanted.find((word) => word !== path)?.toUpperCase();
  const named = path.replaceAll(/\{(\w+)\}/g, ':$1');
  const ofMethod = endpoints.filter((one) => method === undefined || one.method === method);
  const [found, ...more] =
    [ofMethod.filter((one) => one.path === named), ofMethod.filter((one) => fits(one.path, named))].find(
      (group) => group.length > 0,
    ) ?? [];
  if (found !== undefined && more.length === 0) return found;
  const nameOf = (one: EndpointDescription): string => `${one.method} ${one.path}`;
  const text = wanted.join(' ');
  if (found !== undefined)
    throw new UsageError(`${text} is more than one endpoint of ${bff}: ${[found, ...more].map(nameOf).join(', ')}`);
  // Without a method, only paths are compared.
  const typed = (one: EndpointDescription): string => (method === undefined ? one.path : nameOf(one));
  const near = nearest(text, endpoints.map(typed));
  const closest = endpoints.find((one) => typed(one) === near);
  const others = closest === undefined ? meant('', endpoints.map(nameOf)) : `; did you mean ${nameOf(closest)}?`;
  throw new UsageError(`${bff} has no endpoint ${text}${others}`);
}

function fits(template: string, path: string): boolean {
  const [parts, given] = [template.split('/'), path.split('/')];
  return parts.length === given.length && parts.every((part, index) => part.startsWith(':') || part === given[index]);
}
