import { problemsOf } from './docs.ts';

const facts = {
  exists: (path: string) => ['docs/decisions.md', 'README.md', 'LICENSE'].includes(path),
  scripts: new Set(['start', 'prove']),
};
const problems = (text: string, file = 'README.md') => problemsOf(file, text, facts);

describe('the documentation check', () => {
  it('accepts links that resolve, from where the file is', () => {
    expect(problems('[a](docs/decisions.md#why) [b](LICENSE) ![c](./README.md) [d](https://example.com) [e](#below)')).toEqual(
      [],
    );
    expect(problems('[a](decisions.md) [b](../LICENSE)', 'docs/architecture.md')).toEqual([]);
  });

  it('reports a link that leads nowhere', () => {
    expect(problems('see [a](docs/missing.md)')).toEqual(['README.md: the link docs/missing.md leads nowhere']);
  });

  it('does not take code for links', () => {
    expect(problems('`[a](b)`\n```ts\nx[0](y)\n```\n')).toEqual([]);
  });

  it('reports each npm script that is not there, once', () => {
    expect(problems('`npm start` `npm run prove -- x` `npm run fly` and npm run fly, npm test')).toEqual([
      'README.md: there is no npm script "fly"',
      'README.md: there is no npm script "test"',
    ]);
  });
});
