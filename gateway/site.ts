// The gateway's own pages, made once: the API documentation, the OpenAPI document, and a small honest front door.
import { readFileSync } from 'node:fs';
import type { Contract } from '../mixins/contract.ts';
import { docsPage, type Page, pageOf } from './docs-page.ts';
import { html } from './html.ts';
import { openApiOf } from './openapi.ts';
import { Representation } from './representation.ts';

export interface Site {
  readonly description: Representation;
  readonly docs: Sheet;
  readonly front: Sheet;
}

export interface Sheet {
  readonly page: Page;
  readonly representation: Representation;
}

const sheet = (page: Page): Sheet => ({ page, representation: new Representation(Buffer.from(page.text), true) });

export function siteOf(contracts: readonly Contract[], version: string): Site {
  const document = openApiOf(contracts, version);
  const front = html`<main id="content" class="plain"><h1>Souk</h1>
    <p class="lead">This is the API of an online shop. The storefront is not part of this address.</p>
    <p><a href="/api/docs">API documentation</a></p><p><a href="/api/openapi.json">OpenAPI document</a></p><p><a href="/api/status">Status</a></p></main>`;
  return {
    description: new Representation(Buffer.from(JSON.stringify(document)), true),
    docs: sheet(docsPage(document)),
    front: sheet(pageOf('Souk', front)),
  };
}

/** Version of the project, from its package file in the working directory. */
export function projectVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync('package.json', 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined;
  return typeof version === 'string' ? version : '0.0.0';
}
