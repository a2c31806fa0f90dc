import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

// Who may import whom (DESIGN): each room lists the rooms it must not reach into. main.ts may import all.
const rooms = ['core', 'view', 'llm', 'formats', 'store', 'data', 'app', 'ui'];
const mayImport = {
  core: [],
  view: ['core'],
  formats: ['core', 'view'],
  llm: ['core'],
  store: ['core'],
  data: ['core'],
  app: ['core', 'llm', 'formats', 'store', 'data'],
  ui: ['core', 'view', 'app'],
};
const walls = Object.entries(mayImport).map(([room, allowed]) => ({
  files: [`src/${room}/**`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: [
              ...rooms.filter((r) => r !== room && !allowed.includes(r)).map((r) => `**/${r}/**`),
              '**/main.ts',
              '**/tools/**',
            ],
            message: `src/${room} may import ${['itself', ...allowed].join(', ')} only.`,
          },
        ],
      },
    ],
  },
}));

// The method is a pure function of replies: no browser, no clock, no dice but a seeded one.
const impure = [
  'window',
  'document',
  'navigator',
  'localStorage',
  'indexedDB',
  'fetch',
  'crypto',
  'performance',
  'setTimeout',
  'setInterval',
  'Worker',
  'Date',
];

export default ts.config(
  { ignores: ['dist', 'coverage', 'public'] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  prettier,
  ...svelte.configs.prettier,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_$', argsIgnorePattern: '^_' },
      ],
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    // Types that cross a .svelte import are any to this tool; svelte-check knows and checks them.
    files: ['**/*.svelte'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['src/core/**'],
    rules: {
      'no-restricted-globals': ['error', ...impure],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Dice are seeded here.' },
      ],
    },
  },
  ...walls,
  { files: ['**/*.js'], ...ts.configs.disableTypeChecked },
);
