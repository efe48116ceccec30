'use strict'
/* eslint-disable @typescript-eslint/no-require-imports -- CommonJS is what an Electron of this age starts with */
// Opens the program, or with no BENCH_APP an empty window of the same size, and writes `painted <ms since 1970>` once a
// frame with BENCH_SELECTOR in it was shown.
const { join } = require('node:path')
const { app, BrowserWindow } = require('electron')

const { BENCH_APP: root, BENCH_SELECTOR: selector } = process.env

function painted(wanted) {
  return new Promise((done) => {
    const look = () => {
      // Looked at when a frame begins, so it is in that frame; the one after it says that it was shown.
      if (document.querySelector(wanted) === null) requestAnimationFrame(look)
      else requestAnimationFrame(() => done(performance.timeOrigin + performance.now()))
    }
    look()
  })
}

app.on('web-contents-created', (_event, contents) => {
  contents.once('dom-ready', () => {
    contents
      .executeJavaScript(`(${painted})(${JSON.stringify(selector)})`)
      .then((time) => process.stdout.write(`\npainted ${time}\n`))
      .catch((error) => process.stderr.write(`${error}\n`))
  })
})

if (root) {
  app.setAppPath(root)
  require(join(root, 'out/app/main/main.cjs'))
} else {
  app.on('window-all-closed', () => app.quit())
  app.whenReady().then(() => {
    const window = new BrowserWindow({
      width: 1280,
      height: 800,
      show: false,
      webPreferences: { sandbox: true },
    })
    window.once('ready-to-show', () => window.show())
    return window.loadFile(join(__dirname, 'empty.html'))
  })
}
