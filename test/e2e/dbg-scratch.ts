import { Journey } from './journey/journey'
import { startLab } from '../lab/lab'
import { writeFileSync } from 'node:fs'
const lab = await startLab({ display: {} })
const j = new Journey({ display: lab.display, lang: 'en' })
try {
  await j.start({ size: { width: 1280, height: 800 } })
  await j.see('welcome')
  writeFileSync('/tmp/dropped.html', 'x')
  await j.page.evaluate('globalThis.log = []; for (const t of ["dragenter","dragover","drop","dragleave"]) document.addEventListener(t, (e) => globalThis.log.push(t + " " + [...(e.dataTransfer?.types ?? [])].join() + " " + e.defaultPrevented))')
  const client = await j.page.context().newCDPSession(j.page)
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await client.send('Input.dispatchDragEvent', { type, x: 600, y: 300, data: { items: [], files: ['/tmp/dropped.html'], dragOperationsMask: 1 } })
  await j.page.waitForTimeout(1000)
  console.log(await j.page.evaluate('globalThis.log.join("\\n")'))
  console.log(await j.page.evaluate('document.body.innerHTML.length + " " + document.querySelectorAll(".n-message").length+ " " + location.href'))
  await j.page.screenshot({ path: '/tmp/dbg3.png' })
} finally { await j.close(); await lab.stop() }
