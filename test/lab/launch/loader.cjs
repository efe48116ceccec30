'use strict'
/* eslint-disable @typescript-eslint/no-require-imports -- CommonJS is what an Electron of this age starts with */
// The program inside the copy of Electron that stands in for the project's own: it does what Electron's default app
// does with a folder on its command line. Slipway's main is CommonJS because it has to run before `ready`.
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { app } = require('electron')

const root = process.env.SLIPWAY_APP_DIR
if (!root) {
  console.error('SLIPWAY_APP_DIR does not name a program to open')
  process.exit(2)
}
const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
app.setName(about.productName || about.name)
app.setVersion(about.version)
app.setAppPath(root)
require(join(root, about.main))
