import { createRequire } from 'node:module';
import type { BuildCompilerFromPool } from '@fastify/ajv-compiler';
import type { SerializerFactory } from '@fastify/fast-json-stringify-compiler';

const require = createRequire(import.meta.url);
const ajv = (): typeof import('@fastify/ajv-compiler') => require('@fastify/ajv-compiler');
const stringify = (): typeof import('@fastify/fast-json-stringify-compiler') =>
  require('@fastify/fast-json-stringify-compiler');

/**
 * Fastify's own compilers for routes that declare a JSON Schema to it, loaded by the first one. Fastify would load them, which are 170 files,
 * with each server; a screen needs none of them.
 */
export function schemaCompilers(): { buildValidator: BuildCompilerFromPool; buildSerializer: SerializerFactory } {
  let validators: BuildCompilerFromPool | undefined;
  let serializers: SerializerFactory | undefined;
  return {
    buildValidator: (schemas, options) => {
      validators ??= ajv()();
      const compile = validators(schemas, options);
      // Fastify does so for its own compilers alone: the names of a request's headers are in lower case.
      return (route) =>
        compile(
          isObject(route) && route['httpPart'] === 'headers'
            ? { ...route, schema: inLowerCase(route['schema']) }
            : route,
        );
    },
    buildSerializer: (schemas, options) => {
      serializers ??= stringify()();
      return serializers(schemas, options);
    },
  };
}

/** Keywords of JSON Schema whose keys are names of members. */
const named = new Set(['properties', 'dependencies', 'dependentSchemas', 'dependentRequired']);
/** Keywords whose values are no schemas. */
const plain = new Set(['const', 'enum', 'default', 'examples']);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** A schema of headers whose names are written in any case. */
function inLowerCase(schema: unknown, isOfNames = false): unknown {
  if (Array.isArray(schema)) return schema.map((one) => inLowerCase(one, isOfNames));
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (keyword === 'required') return [keyword, lower(value)];
      if (named.has(keyword) && isObject(value))
        return [
          keyword,
          Object.fromEntries(
            Object.entries(value).map(([name, one]) => [
              name.toLowerCase(),
              isNames(one) ? lower(one) : inLowerCase(one, isOfNames),
            ]),
          ),
        ];
      if (plain.has(keyword)) return [keyword, isOfNames ? lower(value) : value];
      return [keyword, inLowerCase(value, isOfNames || keyword === 'propertyNames')];
    }),
  );
}

const isNames = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === 'string');

const lower = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(lower) : typeof value === 'string' ? value.toLowerCase() : value;
