// Documentation that lies is worse than none: links must resolve and commands must exist.

export interface DocsFacts {
  /** Whether a path relative to the project exists. */
  exists(path: string): boolean;
  /** Names of the scripts in package.json. */
  readonly scripts: ReadonlySet<string>;
}

/** What is wrong in one markdown file, one line each. `file` is its path in the project. */
export function problemsOf(file: string, text: string, facts: DocsFacts): string[] {
  return [...brokenLinks(file, text, facts), ...unknownCommands(file, text, facts)];
}

function brokenLinks(file: string, text: string, { exists }: DocsFacts): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  return targets
    .filter((target) => !/^[a-z]+:|^#/.test(target))
    .filter((target) => !exists(resolveFrom(file, target.replace(/#.*$/, ''))))
    .map((target) => `${file}: the link ${target} leads nowhere`);
}

function resolveFrom(file: string, target: string): string {
  const parts = target.startsWith('/') ? [] : file.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

function unknownCommands(file: string, text: string, { scripts }: DocsFacts): string[] {
  const named = [...text.matchAll(/\bnpm (?:run ([a-z][\w:-]*)|(start|test)\b)/g)].map((match) => match[1] ?? match[2] ?? '');
  return [...new Set(named)].filter((name) => !scripts.has(name)).map((name) => `${file}: there is no npm script "${name}"`);
}
