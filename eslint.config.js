import { builtinModules } from 'node:module'
import importX from 'eslint-plugin-import-x'
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

const node = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)]
const noNode = node.map((name) => ({ name, message: 'Node is not available here.' }))

/** Import directions of the tree: what a folder may not import. test/architecture.test.ts looks at the same from outside. */
const forbid = (files, paths, patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { paths, patterns }] },
})
const outside = (group, message) => ({ group, message })
const electronOnly = [{ name: 'electron', message: 'Only main, window, ipc and preload know Electron.' }]

export default tseslint.config(
  { ignores: ['out/', 'node_modules/', 'resources/'] },
  ...tseslint.configs.strict,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    plugins: { 'import-x': importX },
    rules: {
      'import-x/no-cycle': 'off',
      'import-x/no-duplicates': 'error',
      'no-console': 'error',
      'no-undef': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // Prettier decides on layout.
      'vue/html-indent': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/attributes-order': 'off',
      'vue/require-default-prop': 'off',
      'vue/multi-word-component-names': 'off',
      'vue/no-v-html': 'error',
    },
  },
  {
    files: ['test/lab/**', 'test/e2e/**', 'test/bench/**', '*.config.*'],
    rules: { 'no-console': 'off' },
  },
  forbid(
    ['shared/**/*.ts'],
    [
      ...noNode,
      { name: 'electron', message: 'shared is pure.' },
      { name: 'vue', message: 'shared is pure.' },
    ],
    [outside(['@/*', '../electron/*', '../renderer/*'], 'shared imports nothing of the other parts.')],
  ),
  forbid(
    ['renderer/**/*.{ts,vue}'],
    [...noNode, { name: 'electron', message: 'The window has no Electron.' }],
    [outside(['**/electron/*'], 'The window knows main by the contract only.')],
  ),
  forbid(['electron/{registry,archive,cache,credentials,store}/**/*.ts'], electronOnly, [
    outside(['@/*', '../*/*', '../jobs', '../handlers'], 'Leaf folders do not import one another.'),
  ]),
  forbid(['electron/{engine,browse,registries,jobs,handlers}/**/*.ts'], electronOnly, [
    outside(['@/*', '**/renderer/*'], 'Main does not import the window.'),
  ]),
)
