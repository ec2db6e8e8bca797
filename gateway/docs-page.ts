// The API description as a page that a person reads: everything is in it, nothing is loaded, it works without scripts.
import { STYLE } from './docs-style.ts';
import { Html, html, sourceOf } from './html.ts';
import type { OpenApiDocument } from './openapi.ts';
import type { OpenApiOperation, OpenApiParameter } from './openapi-operation.ts';
import { schemaText } from './schema-text.ts';

export interface Page {
  readonly text: string;
  readonly style: string;
  readonly script?: string;
}

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** Filters while one types and opens what an address names; the page is complete without it. */
const SCRIPT = `
const find=document.getElementById('find'),count=document.getElementById('count'),ops=[...document.querySelectorAll('.op')];
document.querySelector('.find').hidden=false;
find.addEventListener('input',()=>{const words=find.value.toLowerCase().split(/\\s+/).filter(Boolean);let shown=0;
for(const op of ops){const text=op.querySelector('summary').textContent.toLowerCase();op.hidden=!words.every(word=>text.includes(word));if(!op.hidden)shown++}
for(const group of document.querySelectorAll('section.group'))group.hidden=!group.querySelector('.op:not([hidden])');
count.textContent=words.length?shown+' of '+ops.length:''});
const open=()=>{const target=document.getElementById(decodeURIComponent(location.hash.slice(1)));const op=target&&target.closest('.op');if(op){op.open=true;target.scrollIntoView()}};
addEventListener('hashchange',open);open();
`;

/** The document as a page with its own style and script. */
export function docsPage(document: OpenApiDocument): Page {
  const entries = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path: `/api${path}`, operation })),
  );
  const groups = document.tags.map(({ name }) => ({
    name,
    entries: entries.filter(({ operation }) => operation.tags.includes(name)),
  }));
  const content = html`<div class="page">
    <nav aria-label="Areas"><details open><summary>Souk API</summary><ul>
      ${groups.map(({ name }) => html`<li><a href="#${name}">${name}</a></li>`)}
      <li><a href="#errors">Error codes</a></li><li><a href="/api/openapi.json">OpenAPI document</a></li><li><a href="/api/status">Status</a></li>
    </ul></details></nav>
    <main id="content">
      <h1>Souk API</h1>
      ${document.info.description.split('\n\n').map((text) => html`<p class="lead">${inline(text)}</p>`)}
      <div class="find" role="search" hidden><label for="find">Find a route</label><input id="find" type="search" autocomplete="off"><output id="count" for="find"></output></div>
      ${groups.map(groupOf)}
      ${errorsOf(document)}
    </main></div>`;
  return pageOf('Souk API', content, SCRIPT);
}

function groupOf({ name, entries }: { name: string; entries: readonly Entry[] }): Html {
  return html`<section class="group" aria-labelledby="${name}"><h2 id="${name}">${name}</h2>${entries.map(entryOf)}</section>`;
}

function entryOf({ method, path, operation }: Entry): Html {
  const success = Object.entries(operation.responses).find(([status]) => Number(status) < 400);
  const problems = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
  return html`<details class="op"><summary><span class="method${method === 'GET' ? '' : ' writes'}">${method}</span><code>${path}</code><span class="what">${operation.summary}</span></summary>
  <div class="body" id="${operation.operationId}"><p>${inline(operation.description)}</p>
  ${parametersOf(operation.parameters)}${bodyOf(operation)}
  ${success && html`<h3>Answer ${success[0]}</h3>${contentOf(success[1].content)}`}
  <h3>Problems</h3><div class="scroll"><table class="codes"><tbody>${problems.map(
    ([status, { description }]) =>
      html`<tr><td>${status}</td><td>${description.split(', ').map((code) => html`<a href="#error-${code}"><code>${code}</code></a> `)}</td></tr>`,
  )}</tbody></table></div></div></details>`;
}

function parametersOf(parameters: readonly OpenApiParameter[]): Html | undefined {
  if (parameters.length === 0) return undefined;
  const rows = parameters.map(
    ({ name, in: place, required, schema, description }) =>
      html`<tr><td><code>${name}</code></td><td>${place}${required ? '' : ', optional'}</td><td><code>${schemaText(schema)}</code>${description && html`<br>${inline(description)}`}</td></tr>`,
  );
  return html`<h3>Parameters</h3><div class="scroll"><table><tbody>${rows}</tbody></table></div>`;
}

function bodyOf({ requestBody }: OpenApiOperation): Html | undefined {
  if (!requestBody) return undefined;
  const example = requestBody.content['application/json']?.example;
  return html`<h3>Body</h3>${contentOf(requestBody.content)}${example !== undefined && html`<h3>Example</h3><pre>${JSON.stringify(example, null, 2)}</pre>`}`;
}

function contentOf(content: OpenApiOperation['responses'][string]['content']): Html[] {
  return Object.entries(content ?? {}).map(([type, { schema }]) =>
    type === 'application/json'
      ? html`<pre>${schemaText(schema)}</pre>`
      : html`<p><code>${type}</code> ${schemaText(schema)}</p>`,
  );
}

function errorsOf(document: OpenApiDocument): Html {
  const rows = Object.entries(document['x-error-codes'])
    .sort(([a], [b]) => a.localeCompare(b))
    .map(
      ([code, { status, title }]) =>
        html`<tr id="error-${code}"><td><code>${code}</code></td><td>${status}</td><td>${title}</td></tr>`,
    );
  return html`<section aria-labelledby="errors"><h2 id="errors">Error codes</h2><p>A code never changes its meaning. <code>data</code> carries what a program needs to go on.</p>
  <div class="scroll"><table class="codes"><thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

/** Text in which `this` is code. */
function inline(text: string): Html[] {
  return text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

/** A whole page around its content. */
export function pageOf(title: string, content: Html, script?: string): Page {
  const { text } =
    html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><link rel="icon" href="data:,"><style>${new Html(STYLE)}</style></head><body><a class="skip" href="#content">To the content</a>${content}${script !== undefined && html`<script>${new Html(script)}</script>`}</body></html>`;
  return { text, style: sourceOf(STYLE), ...(script === undefined ? {} : { script: sourceOf(script) }) };
}
