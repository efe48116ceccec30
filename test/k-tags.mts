import { tags } from './bench/rows/tags'
import { Ground } from './bench/row'
import { Session } from 'node:inspector/promises'
import { writeFileSync } from 'node:fs'
const ground = new Ground()
const race = await tags.open(ground)
const session = new Session(); session.connect()
console.log('warm', await race.ours(), await race.peer())
for (const side of ['ours','peer'] as const) {
  await session.post('Profiler.enable'); await session.post('Profiler.start')
  const cpu = process.cpuUsage(); const t = await race[side](); const used = process.cpuUsage(cpu)
  const { profile } = await session.post('Profiler.stop')
  writeFileSync(`/tmp/k-${side}.cpuprofile`, JSON.stringify(profile))
  console.log(side, t, used.user/1000, used.system/1000)
}
await ground.clear()
