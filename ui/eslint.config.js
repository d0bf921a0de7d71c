import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/**', 'src/**/*.gen.*'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/essential'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      // Agents' text is data. The one exception stands, with its reason, in MarkdownView.vue.
      'vue/no-v-html': 'error',
      'vue/no-bare-strings-in-template': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-macros-order': 'error',
      'vue/no-unused-refs': 'error',
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/no-undef-components': ['error', { ignorePatterns: ['^U[A-Z]', '^Router', '^i18n-t$'] }],
    },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      'no-restricted-properties': ['error', { property: 'innerHTML', message: 'Bind text as text.' }, { property: 'outerHTML', message: 'Bind text as text.' }],
      'no-console': 'error',
      'max-lines': ['error', 400],
    },
  },
  { files: ['src/**/*.test.ts'], rules: { 'no-restricted-properties': 'off' } },
)
