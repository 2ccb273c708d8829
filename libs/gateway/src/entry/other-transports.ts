import type { Type } from '@nestjs/common';
import { MetadataScanner, type DiscoveryService } from '@nestjs/core';

/** Metadata that other transports of Nest set on classes and methods. */
const marks: readonly { readonly on: 'class' | 'method'; readonly key: string; readonly is: string }[] = [
  { on: 'method', key: 'microservices:pattern', is: 'serves messages (@MessagePattern, @EventPattern, @GrpcMethod)' },
  { on: 'class', key: 'websockets:is_gateway', is: 'is a WebSocket gateway' },
  { on: 'method', key: 'graphql:resolver_type', is: 'resolves GraphQL' },
];

/**
 * The classes that clients reach by another transport than HTTP, where no stage of the pipeline runs (RELIABILITY G4).
 * @param outside those that are named on purpose
 * @returns one line per class
 */
export function otherTransports(discovery: DiscoveryService, outside: readonly (string | Type)[]): string[] {
  const scanner = new MetadataScanner();
  const found = new Map<unknown, string>();
  for (const { metatype } of [...discovery.getControllers(), ...discovery.getProviders()]) {
    if (typeof metatype !== 'function' || metatype.prototype === undefined || found.has(metatype)) continue;
    if (outside.some((named) => named === metatype)) continue;
    const prototype: Readonly<Record<string, unknown>> = metatype.prototype;
    const methods = scanner.getAllMethodNames(prototype).map((name) => prototype[name]);
    const mark = marks.find(({ on, key }) =>
      (on === 'class' ? [metatype] : methods).some(
        (target) => typeof target === 'function' && Reflect.hasMetadata(key, target),
      ),
    );
    if (mark === undefined) continue;
    found.set(
      metatype,
      `${metatype.name} ${mark.is}, where no rule of access of Frontage stands: move it into an application of its own, or name it in outside: [${metatype.name}] of FrontageModule.forRoot(...) if it has rules of its own`,
    );
  }
  return [...found.values()];
}
