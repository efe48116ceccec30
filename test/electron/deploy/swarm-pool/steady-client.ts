import { request } from 'node:http'

export interface SteadyClient {
  /** Ends it; what it was answered, by answer, and how many requests were missed. */
  stop(): Promise<{ asked: number; answers: Map<string, number>; missed: string[] }>
}

/** Asks a URL so many times a second, each time by a connection of its own, whatever became of the ones before. */
export function startSteadyClient(url: string, perSecond: number): SteadyClient {
  const answers = new Map<string, number>()
  const missed: string[] = []
  const open = new Set<Promise<void>>()
  let asked = 0
  const ask = (): void => {
    asked += 1
    const one = get(url)
      .then(
        (text) => void answers.set(text, (answers.get(text) ?? 0) + 1),
        (error: unknown) => void missed.push(String(error)),
      )
      .finally(() => open.delete(one))
    open.add(one)
  }
  const timer = setInterval(ask, 1000 / perSecond)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(open)
      return { asked, answers, missed }
    },
  }
}

function get(url: string): Promise<string> {
  return new Promise((done, fail) => {
    const call = request(url, { agent: false, timeout: 5000 }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('error', fail)
      response.on('end', () => {
        if (response.statusCode === 200) done(text)
        else fail(new Error(String(response.statusCode)))
      })
    })
    call.on('timeout', () => call.destroy(new Error('no answer')))
    call.on('error', fail)
    call.end()
  })
}
