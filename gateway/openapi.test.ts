import { contracts } from '../services/contracts.ts';
import { openApiOf } from './openapi.ts';
import type { OpenApiOperation } from './openapi-operation.ts';
import { routesOf } from './routing.ts';

const document = openApiOf(contracts, '1.2.3');
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);
const each = (check: (operation: OpenApiOperation, path: string, method: string) => void) => {
  for (const { operation, path, method } of operations) check(operation, path, method);
};

describe('the OpenAPI document', () => {
  it('describes every route once, with its own id', () => {
    expect(operations.map(({ operation }) => operation.operationId).sort()).toEqual(
      routesOf(contracts)
        .map(({ action }) => action)
        .sort(),
    );
    expect(document.openapi).toBe('3.1.0');
    expect(document.info.version).toBe('1.2.3');
  });

  it('is plain JSON without zod’s own marks', () => {
    const text = JSON.stringify(document);
    expect(JSON.parse(text)).toEqual(document);
    expect(text).not.toContain('$schema');
    expect(text).not.toContain('#/$defs');
  });

  it('declares each parameter of a path, required, and nothing twice', () => {
    each((operation, path) => {
      const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => name).sort()).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort());
      expect(inPath.every(({ required }) => required)).toBe(true);
      const names = operation.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      expect(new Set(names).size).toBe(names.length);
    });
  });

  it('has a body only where one is read, and its path parameters are not in it', () => {
    each((operation, path, method) => {
      if (method === 'get') expect(operation.requestBody).toBeUndefined();
      const schema = operation.requestBody?.content['application/json']?.schema as { properties?: object } | undefined;
      for (const [, name] of path.matchAll(/\{(\w+)\}/g)) expect(schema?.properties ?? {}).not.toHaveProperty(name as string);
    });
  });

  it('names the error codes of every operation, all of them in the catalogue', () => {
    each((operation) => {
      const problems = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
      expect(problems.length).toBeGreaterThan(3);
      for (const [status, { description }] of problems) {
        for (const code of description.split(', ')) {
          expect([code, document['x-error-codes'][code]?.status]).toEqual([code, Number(status)]);
        }
      }
    });
  });

  it('answers each operation with one success', () => {
    each((operation) => {
      expect(Object.keys(operation.responses).filter((status) => Number(status) < 400)).toHaveLength(1);
    });
  });

  it('says how to prove an identity', () => {
    each((operation) => {
      expect(operation.security.length).toBeGreaterThan(0);
      for (const scheme of operation.security.flatMap(Object.keys)) {
        expect(Object.keys(document.components.securitySchemes ?? {})).toContain(scheme);
      }
    });
  });

  it('gives examples that fit their contract', () => {
    for (const { contract, action } of routesOf(contracts)) {
      if (contract.example === undefined) continue;
      const example = contract.example as Record<string, unknown>;
      const issues = contract.params.safeParse(example).error?.issues ?? [];
      const wrong = issues.filter((issue) => issue.path.length === 0 || String(issue.path[0]) in example);
      expect([action, wrong]).toEqual([action, []]);
    }
  });
});
