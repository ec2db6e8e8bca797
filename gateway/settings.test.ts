import { gatewaySettings } from './settings.ts';

describe('gateway settings', () => {
  it('have defaults that need no variable', () => {
    expect(gatewaySettings({})).toMatchObject({ port: 3000, rateLimits: true, redisUrl: undefined, accessLog: 'all' });
  });

  it('come from the environment', () => {
    expect(gatewaySettings({ SOUK_PORT: '0', SOUK_RATE_LIMIT: 'off', REDIS_URL: 'redis://r' })).toMatchObject({
      port: 0,
      rateLimits: false,
      redisUrl: 'redis://r',
    });
  });

  it('name the variable that is wrong', () => {
    expect(() => gatewaySettings({ SOUK_PORT: 'http' })).toThrow('SOUK_PORT');
    expect(() => gatewaySettings({ SOUK_RATE_LIMIT: 'no' })).toThrow('SOUK_RATE_LIMIT');
    expect(() => gatewaySettings({ SOUK_ORIGINS: '*' })).toThrow('SOUK_ORIGINS');
  });
});
