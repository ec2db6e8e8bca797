import { readCookies, writeCookie } from './cookies.ts';

describe('readCookies', () => {
  it('reads only the cookies of Souk', () => {
    expect(readCookies('theme=dark; souk_access=a.b.c; souk_guest=gst_1.x; other=1')).toEqual({
      access: 'a.b.c',
      guest: 'gst_1.x',
    });
  });

  it('takes the first of a repeated name, so a planted second one changes nothing', () => {
    expect(readCookies('souk_access=first; souk_access=second')).toEqual({ access: 'first' });
  });

  it('drops values that are no tokens', () => {
    expect(readCookies('souk_access=<script>; souk_guest="quoted"; souk_refresh=')).toEqual({});
    expect(readCookies(undefined)).toEqual({});
  });
});

describe('writeCookie', () => {
  it('is HttpOnly and SameSite, and Secure over https', () => {
    expect(writeCookie('souk_guest', 'v', { maxAge: 60, secure: true })).toBe(
      'souk_guest=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    );
    expect(writeCookie('souk_refresh', '', { maxAge: 0, secure: false, path: '/api/users' })).toBe(
      'souk_refresh=; Path=/api/users; Max-Age=0; HttpOnly; SameSite=Lax',
    );
  });
});
