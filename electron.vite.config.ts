import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

const root = import.meta.dirname
const alias = { '@shared': resolve(root, 'shared'), '@': resolve(root, 'renderer') }
// Native parts and what loads them stay outside the bundle; everything else goes in.
const external = ['electron', 'keytar', 'libsql', 'dockerode']

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
    plugins: [vue()],
    build: {
      target: 'chrome114',
      minify: true,
      outDir: resolve(root, 'out/app/renderer'),
      emptyOutDir: true,
      rollupOptions: { input: { index: resolve(root, 'renderer/index.html') } },
    },
  },
})
