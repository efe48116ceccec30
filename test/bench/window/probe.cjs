'use strict'
/* eslint-disable @typescript-eslint/no-require-imports -- CommonJS is what an Electron of this age starts with */
// Opens the program, or with no BENCH_APP an empty window of the same size, and writes `painted <ms since 1970>` once a
// frame with BENCH_SELECTOR in it was shown.
const { join } = require('node:path')
const { app, BrowserWindow } = require('electron')

const mark=(n)=>process.stdout.write(`\nmark ${n} ${Math.round(Date.now()-process.getCreationTime())} cpu ${Math.round(process.cpuUsage().user/1000)}\n`)
mark('probe')
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

app.whenReady().then(()=>mark('ready'))
app.on('web-contents-created', (_event, contents) => {
  mark('contents')
  if (process.env.PROF) { contents.debugger.attach('1.3'); contents.debugger.sendCommand('Profiler.enable'); contents.debugger.sendCommand('Profiler.setSamplingInterval',{interval:200}); contents.debugger.sendCommand('Profiler.start') }
  contents.once('did-start-loading',()=>mark('loading'))
  contents.once('did-finish-load',()=>mark('loaded'))
  contents.once('dom-ready',()=>mark('domready'))
  contents.once('dom-ready', () => {
    contents
      .executeJavaScript(`(${painted})(${JSON.stringify(selector)})`)
      .then((time) => (mark('painted'), process.env.PROF && contents.debugger.sendCommand('Profiler.stop').then(({profile})=>{require('fs').writeFileSync(process.env.PROF,JSON.stringify(profile));process.stdout.write('\nprofiled\n')}), contents.executeJavaScript(`JSON.stringify({nav: performance.getEntriesByType('navigation').map(e=>[e.responseEnd,e.domInteractive,e.domComplete]), res: performance.getEntriesByType('resource').map(e=>[e.name.slice(-30),Math.round(e.startTime),Math.round(e.responseEnd)]), now: performance.now(), marks: performance.getEntriesByType('mark').map(e=>[e.name,Math.round(e.startTime)])})`).then(t=>process.stderr.write(t+'\n')), time))
      .then((time) => process.stdout.write(`\npainted ${time}\n`))
      .catch((error) => process.stderr.write(`${error}\n`))
  })
})

if (root) {
  app.setAppPath(root)
  require(join(root, 'out/app/main/main.cjs'))
  mark('required')
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
