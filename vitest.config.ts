import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const root = import.meta.dirname
const alias = { '@shared': resolve(root, 'shared'), '@': resolve(root, 'renderer') }
/** On real parts most time is spent in waiting for them; what the files start are parts of their own. */
const slow = { testTimeout: 120_000, hookTimeout: 180_000 }

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        plugins: [vue()],
        test: {
          name: 'unit',
          // One module graph for all: every test builds what it needs, and nothing here keeps state in a module.
          pool: 'threads',
          isolate: false,
          testTimeout: 20_000,
          include: ['test/*.test.ts', 'test/{shared,electron,renderer,support}/**/*.test.ts'],
          exclude: ['test/**/*.integration.test.ts'],
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'integration',
          include: ['test/lab/**/*.test.ts', 'test/**/*.integration.test.ts'],
          ...slow,
          maxWorkers: 3,
        },
      },
      {
        resolve: { alias },
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], ...slow, maxWorkers: 2 },
      },
    ],
  },
})
