// Three suites by file name: `x.test.ts` needs no server, `x.int.test.ts` starts real ones, `x.e2e.test.ts` goes over HTTP.
const common = {
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { module: { type: 'commonjs' }, jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, sourceMaps: 'inline' },
    ],
  },
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/data/', '<rootDir>/.engines/'],
};

const project = (displayName, suffix, ignored) => ({
  ...common,
  displayName,
  testMatch: [`**/*${suffix}`],
  testPathIgnorePatterns: ['/node_modules/', ...ignored],
});

export default {
  projects: [
    project('unit', '.test.ts', ['\\.int\\.test\\.ts$', '\\.e2e\\.test\\.ts$']),
    project('int', '.int.test.ts', []),
    project('e2e', '.e2e.test.ts', []),
  ],
  testTimeout: 30_000,
};
