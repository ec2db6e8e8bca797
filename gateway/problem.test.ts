import { Errors } from 'moleculer';
import { defineErrors, failure } from '../mixins/errors.ts';
import { Problems, problemHeaders } from './problem.ts';

const stockErrors = defineErrors({ OUT_OF_STOCK: { status: 409, title: 'Not enough stock' } });
const problems = new Problems({ ...stockErrors.catalogue, ...failure.catalogue });
const of = (error: unknown) => problems.of(error, 'req_1', '/api/cart');

describe('problem details', () => {
  it('carry the stable code, the status of the catalogue and the data of the refusal', () => {
    expect(of(stockErrors('OUT_OF_STOCK', 'Only 2 left', { sku: 'A', left: 2 }))).toEqual({
      type: '/api/docs#error-OUT_OF_STOCK',
      title: 'Not enough stock',
      status: 409,
      detail: 'Only 2 left',
      code: 'OUT_OF_STOCK',
      instance: '/api/cart',
      requestId: 'req_1',
      data: { sku: 'A', left: 2 },
    });
  });

  it('are matched by type, so they survive a remote hop', () => {
    const remote = Object.assign(new Error('Only 2 left'), { type: 'OUT_OF_STOCK', code: 409, data: { left: 2 } });
    expect(of(remote)).toMatchObject({ code: 'OUT_OF_STOCK', status: 409, data: { left: 2 } });
  });

  it('list wrong fields beside the data', () => {
    const errors = [{ field: 'quantity', message: 'Too small' }];
    expect(of(failure('INVALID_INPUT', 'quantity: Too small', { errors }))).toMatchObject({ status: 422, errors });
    expect(of(failure('INVALID_INPUT', 'Bad id', { field: 'id' })).errors).toEqual([{ field: 'id', message: 'Bad id' }]);
  });

  it('tell nothing about an unexpected failure', () => {
    const problem = of(
      Object.assign(new Error('connect ECONNREFUSED mongodb://root:secret@db'), { code: 409, type: 'toString' }),
    );
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL', requestId: 'req_1' });
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(problems.isKnown(new TypeError('x'))).toBe(false);
    expect(of(undefined).status).toBe(500);
  });

  it('say that a part of the shop is away or slow', () => {
    expect(of(new Errors.ServiceNotFoundError({ action: 'orders.get', nodeID: 'n' }))).toMatchObject({
      status: 503,
      code: 'UNAVAILABLE',
    });
    const slow = of(new Errors.RequestTimeoutError({ action: 'orders.get', nodeID: 'secret-node' }));
    expect(slow).toMatchObject({ status: 504, code: 'TIMED_OUT' });
    expect(JSON.stringify(slow)).not.toContain('secret-node');
  });
});

describe('problemHeaders', () => {
  it('say when to come back and how to sign in', () => {
    expect(problemHeaders(of(failure('RATE_LIMITED', 'Slow down', { retryAfter: 1.2 })))).toContain('2');
    expect(problemHeaders(of(failure('LOG_UNAVAILABLE')))).toContain('Retry-After');
    expect(problemHeaders(of(failure('UNAUTHENTICATED')))).toContain('WWW-Authenticate');
  });
});
