import { startProgram } from './lab/program'
import { startDisplay } from './lab/display'
const display = await startDisplay()
for (let i = 0; i < 14; i++) { const t = Date.now(); const p = await startProgram({ display, lang: i % 2 ? 'en' : 'zh-CN', colorScheme: i % 2 ? 'dark' : 'light' }); await p.window.getByTestId('welcome').waitFor(); const at = Date.now() - t; if (i === 0) console.log(await p.app.evaluate(({ app }) => [app.getAppPath(), app.getName(), app.getVersion(), process.argv.join(' ')].join(' | '))); await p.close(); console.log(i, at, Date.now() - t - at) }
await display.stop()
