import { fileURLToPath, URL } from 'node:url'
import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/**
 * The window freezes `Object.prototype` (SECURITY.md T2). There, assigning a property that it has, such as `toString`, to another
 * object throws; modules of d3 do it while they are loaded. Where the object has the property of its own first, it is allowed.
 */
const underFrozenPrototypes: Plugin = {
  name: 'under-frozen-prototypes',
  transform(code, id) {
    if (!/\/node_modules\/d3-[a-z-]+\//.test(id)) return undefined
    const own = code.replace(
      /^([ \t]*)((?:[\w$]+\.)?prototype)\.(toString|valueOf|constructor) = /gm,
      (assignment, indent: string, target: string, name: string) =>
        `${indent}Object.defineProperty(${target}, "${name}", { writable: true, configurable: true }); ${assignment.trimStart()}`,
    )
    return own === code ? undefined : { code: own, map: null }
  },
}

export default defineConfig({
  plugins: [
    underFrozenPrototypes,
    vue(),
    ui({
      // Our own no-flash script and theme store decide the colour mode.
      colorMode: false,
      autoImport: false,
      components: { dts: 'src/components.gen.d.ts' },
      // Ship the styles of used components only.
      experimental: { componentDetection: true },
      // Inline SVG from the local collection: no icon is ever fetched. Tables of icons stand in .ts files.
      icon: { mode: 'svg', clientBundle: { scan: { globInclude: ['src/**/*.{vue,ts}'], globExclude: [] }, sizeLimitKb: 64 } },
      ui: {
        colors: { primary: 'iris', secondary: 'iris', neutral: 'ink', success: 'green', info: 'blue', warning: 'amber', error: 'red' },
        button: { slots: { base: 'font-medium cursor-pointer' } },
        tooltip: { slots: { content: 'text-xs' } },
        input: { variants: { size: { md: { leadingIcon: 'size-4' }, sm: { leadingIcon: 'size-3.5' } } } },
      },
    }),
  ],
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('./src', import.meta.url)),
      // Drawers are not used, and this package carries no licence.
      'vaul-vue': fileURLToPath(new URL('./src/shared/vaul-stub.ts', import.meta.url)),
    },
    dedupe: ['vue', 'reka-ui'],
  },
  define: {
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
  },
  // The policy allows no data: fonts and no inline scripts.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 700 },
  server: { port: 5173, strictPort: true, proxy: { '/api': { target: 'http://127.0.0.1:8689' } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'], css: false },
})
