import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OtelEnvironmentError, readOtelEnvironment } from './otel-environment.js';

const nothing = {
  isDisabled: false,
  resource: {},
  otlp: undefined,
  timeoutMs: undefined,
  sampleRatio: undefined,
  warnings: [],
};

describe('the variables of OpenTelemetry', () => {
  it('say nothing where they are not set, or empty', () => {
    expect(readOtelEnvironment({})).toEqual(nothing);
    expect(readOtelEnvironment({ OTEL_SERVICE_NAME: ' ', OTEL_TRACES_SAMPLER: '', OTEL_SDK_DISABLED: 'no' })).toEqual(
      nothing,
    );
  });

  it('name the receiver: that of all signals gets a path, that of traces is whole', () => {
    const urlOf = (env: Record<string, string>) => readOtelEnvironment(env).otlp?.url;
    const all = 'OTEL_EXPORTER_OTLP_ENDPOINT';
    const traces = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
    expect(urlOf({ [all]: 'http://collector:4318' })).toBe('http://collector:4318/v1/traces');
    expect(urlOf({ [all]: 'https://collector/otlp/' })).toBe('https://collector/otlp/v1/traces');
    expect(urlOf({ [all]: 'http://all:4318', [traces]: 'http://own:4318/' })).toBe('http://own:4318/');
    for (const text of ['collector:4318', 'ftp://collector', 'nothing'])
      expect(() => urlOf({ [all]: text })).toThrow(
        new OtelEnvironmentError(`${all} is no address such as http://collector:4318`),
      );
  });

  it('give fields for the receiver, a time, and attributes of the resource', () => {
    const read = readOtelEnvironment({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b, x-team=shop',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-team=traces',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '3000',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=prod%2Ceu',
      OTEL_SERVICE_NAME: 'shop',
    });
    expect(read).toMatchObject({
      otlp: { headers: { 'x-key': 'a b', 'x-team': 'traces' } },
      timeoutMs: 3_000,
      resource: { 'service.name': 'shop', 'deployment.environment.name': 'prod,eu' },
      warnings: [],
    });
  });

  it.each([
    ['always_on', undefined, 1],
    ['always_off', undefined, 0],
    ['traceidratio', '0.25', 0.25],
    ['parentbased_traceidratio', '0.25', 0.25],
    ['parentbased_traceidratio', undefined, 1],
    ['parentbased_always_off', '0.5', 0],
  ])('take the sampler %s with %s as a share', (sampler, argument, ratio) => {
    const env = { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: argument };
    expect(readOtelEnvironment(env)).toEqual({ ...nothing, sampleRatio: ratio });
  });

  it.each([
    [{ OTEL_TRACES_SAMPLER: 'xray' }, 'OTEL_TRACES_SAMPLER=xray is not followed; expected always_on'],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG is left out'],
    [{ OTEL_PROPAGATORS: 'tracecontext,b3' }, 'OTEL_PROPAGATORS=tracecontext,b3: b3 is not followed'],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }, 'OTEL_EXPORTER_OTLP_TIMEOUT is left out'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'team' }, 'OTEL_RESOURCE_ATTRIBUTES is left out'],
    [{ OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca.pem' }, 'OTEL_EXPORTER_OTLP_CERTIFICATE has no effect'],
    [{ OTEL_TRACES_EXPORTER: 'console' }, 'OTEL_TRACES_EXPORTER=console is not followed'],
  ])('warn of %o', (env, warning) => {
    const read = readOtelEnvironment(env);
    expect(read.warnings).toEqual([expect.stringContaining(warning)]);
    expect(read).toEqual({ ...nothing, warnings: read.warnings });
  });

  it('stop a start that would send spans where nobody takes them, unless none are sent', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(() => readOtelEnvironment(env)).toThrow(
      /^OTEL_EXPORTER_OTLP_PROTOCOL=grpc: spans are sent as http\/protobuf/,
    );
    expect(readOtelEnvironment({ ...env, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' }).otlp).toBeDefined();
    expect(readOtelEnvironment({ ...env, OTEL_SDK_DISABLED: 'TRUE' }).isDisabled).toBe(true);
    expect(readOtelEnvironment({ ...env, OTEL_TRACES_EXPORTER: 'none' }).isDisabled).toBe(true);
    expect(readOtelEnvironment({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual(nothing);
  });

  it('are those of docs/traces.md', () => {
    const asked = new Set<string>();
    const set: Record<string, string> = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_TRACES_SAMPLER: 'x',
    };
    readOtelEnvironment(
      new Proxy<Record<string, string>>(set, {
        get: (_, name) => {
          asked.add(String(name));
          return set[String(name)];
        },
      }),
    );
    const page = readFileSync(fileURLToPath(new URL('../../../../docs/traces.md', import.meta.url)), 'utf8');
    const named = new Set([...page.matchAll(/`(OTEL_[A-Z_]+)`/g)].map(([, name = '']) => name));
    // The exporter itself reads those.
    for (const name of named) if (name.endsWith('_COMPRESSION')) named.delete(name);
    expect([...asked].toSorted()).toEqual([...named].toSorted());
  });

  it('are read whatever stands in them', () => {
    const names = [
      'OTEL_RESOURCE_ATTRIBUTES',
      'OTEL_EXPORTER_OTLP_TIMEOUT',
      'OTEL_TRACES_SAMPLER_ARG',
      'OTEL_PROPAGATORS',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (env) => {
        const { sampleRatio = 0, resource } = readOtelEnvironment({ ...env, OTEL_TRACES_SAMPLER: 'traceidratio' });
        expect(sampleRatio >= 0 && sampleRatio <= 1).toBe(true);
        for (const value of Object.values(resource)) expect(typeof value).toBe('string');
      }),
    );
  });
});
