import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'

const root = import.meta.dirname
const alias = { '@shared': resolve(root, 'shared'), '@': resolve(root, 'renderer') }
// Native parts and what loads them stay outside the bundle; everything else goes in.
const external = ['electron', 'keytar', 'libsql', 'dockerode']

/**
 * Main checks everything that crosses the bridge; the window needs the types of shared/ and some constants. Nothing there has
 * a side effect, which a bundler cannot see of a schema's chain of calls: said to it, zod stays out of what the window loads
 * at its start.
 */
const pureSchemas: Plugin = {
  name: 'pure-schemas',
  enforce: 'post',
  transform(code, id) {
    if (!id.startsWith(`${resolve(root, 'shared')}/`)) return null
    const values = this.parse(code).body.flatMap((statement) => {
      const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
      return declared?.type === 'VariableDeclaration'
        ? declared.declarations.flatMap(({ init }) => init ?? [])
        : []
    })
    let pure = code
    for (const { start, end } of values.reverse()) {
      pure = `${pure.slice(0, start)}/* @__PURE__ */ (() => (${pure.slice(start, end)}))()${pure.slice(end)}`
    }
    return { code: pure, map: null }
  },
}

export default defineConfig({
  main: {
    resolve: { alias },
    build: {
      target: 'node18',
      outDir: 'out/app/main',
      externalizeDeps: false,
      rollupOptions: {
        external,
        input: { main: resolve(root, 'electron/main.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  preload: {
    build: {
      target: 'node18',
      outDir: 'out/app/preload',
      externalizeDeps: false,
      rollupOptions: {
        external: ['electron'],
        input: { preload: resolve(root, 'electron/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'renderer'),
    resolve: { alias },
    plugins: [vue(), pureSchemas],
    build: {
      target: 'chrome114',
      minify: true,
      sourcemap: true,
      outDir: resolve(root, 'out/app/renderer'),
      emptyOutDir: true,
      rollupOptions: { input: { index: resolve(root, 'renderer/index.html') } },
    },
  },
})
