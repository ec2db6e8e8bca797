import { contracts } from '../services/contracts.ts';
import { docsPage } from './docs-page.ts';
import { html, sourceOf } from './html.ts';
import { openApiOf } from './openapi.ts';

const document = openApiOf(contracts, '1.0.0');
const page = docsPage(document);

describe('the documentation page', () => {
  it('shows every operation and explains every code', () => {
    for (const operation of Object.values(document.paths).flatMap((item) => Object.values(item))) {
      expect(page.text).toContain(`id="${operation.operationId}"`);
    }
    for (const code of Object.keys(document['x-error-codes'])) expect(page.text).toContain(`id="error-${code}"`);
  });

  it('leads nowhere that does not exist', () => {
    const ids = new Set([...page.text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target] of page.text.matchAll(/href="#([^"]+)"/g)) expect([target, ids.has(target)]).toEqual([target, true]);
    expect(ids.size).toBe([...page.text.matchAll(/ id="([^"]+)"/g)].length);
  });

  it('loads nothing', () => {
    expect(page.text).not.toMatch(/<(?:img|link rel="stylesheet"|script src|iframe)/);
    expect(page.text).not.toMatch(/(?:href|src)="https?:/);
  });

  it('is allowed by its own policy', () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(page.text)?.[1] ?? '';
    const script = /<script>([\s\S]*?)<\/script>/.exec(page.text)?.[1] ?? '';
    expect([sourceOf(style), sourceOf(script)]).toEqual([page.style, page.script]);
  });
});

describe('html', () => {
  it('escapes what is put in', () => {
    expect(html`<p title="${'"&'}">${['<b>', html`<i>${1}</i>`]}${undefined}</p>`.text).toBe(
      '<p title="&quot;&amp;">&lt;b&gt;<i>1</i></p>',
    );
  });
});
