import * as z from 'zod';
import { defineContract } from '../mixins/contract.ts';
import { decodeSegment, RouteTable, routesOf } from './routing.ts';

const schema = z.strictObject({});
const action = { summary: 's', params: schema, result: schema, access: 'public' } as const;
const shop = defineContract({
  name: 'products',
  actions: {
    list: { ...action, rest: 'GET /products' },
    suggest: { ...action, rest: 'GET /products/suggest' },
    get: { ...action, rest: 'GET /products/:idOrSlug' },
    update: { ...action, rest: 'PUT /products/:id' },
    addImage: { ...action, rest: 'POST /products/:id/images' },
    offers: { ...action, access: 'internal', rest: 'GET /products/offers/all' },
    hidden: action,
  },
  events: {},
  errors: {},
});
const table = new RouteTable(routesOf([shop]));

describe('route table', () => {
  it('has a route for each action with a REST alias, none for internal ones', () => {
    expect(table.routes.map((route) => `${route.method} ${route.pattern} ${route.action}`)).toEqual([
      'GET /api/products products.list',
      'GET /api/products/suggest products.suggest',
      'GET /api/products/:idOrSlug products.get',
      'PUT /api/products/:id products.update',
      'POST /api/products/:id/images products.addImage',
    ]);
  });

  it('prefers a literal segment over a parameter', () => {
    expect(table.resolve('GET', '/api/products/suggest')?.route.action).toBe('products.suggest');
    expect(table.resolve('GET', '/api/products/mug')).toMatchObject({
      route: { action: 'products.get' },
      params: { idOrSlug: 'mug' },
    });
  });

  it('steps back from a literal that leads nowhere', () => {
    expect(table.resolve('PUT', '/api/products/suggest')).toMatchObject({ params: { id: 'suggest' } });
    expect(table.resolve('POST', '/api/products/suggest/images')).toMatchObject({ params: { id: 'suggest' } });
  });

  it('answers HEAD by the GET route', () => {
    expect(table.resolve('HEAD', '/api/products')?.route.action).toBe('products.list');
  });

  it('knows the methods of a path', () => {
    expect(table.methodsOf('/api/products/mug').sort()).toEqual(['GET', 'HEAD', 'PUT']);
    expect(table.methodsOf('/api/nothing')).toEqual([]);
  });

  it('does not route path tricks', () => {
    for (const trick of ['%2e%2e', '..', '.', '%00', 'a%2fb', 'a%5Cb', '%zz', '%', '', 'a%0ab', '%c0%ae']) {
      expect(table.resolve('GET', `/api/products/${trick}`)).toBeUndefined();
    }
    expect(table.resolve('GET', '//api/products')).toBeUndefined();
    expect(table.resolve('GET', '/api//products')).toBeUndefined();
  });

  it('refuses two actions on one route', () => {
    expect(() => new RouteTable(routesOf([shop, { ...shop, name: 'again' }]))).toThrow('Two actions claim GET /api/products');
  });
});

describe('decodeSegment', () => {
  it('decodes what is a name in any language', () => {
    expect(decodeSegment('caf%C3%A9')).toBe('café');
    expect(decodeSegment('a b')).toBe('a b');
  });
});
