import { invalid, quote } from './error'
import type { TarMember } from './tar-walk'

export interface Extent {
  offset: number
  size: number
}

const longestChain = 16

/** Where each member's content lies, by name. Links are followed here alone, and only to other members. */
export class MemberTable {
  private readonly names = new Set<string>()
  private readonly files = new Map<string, Extent>()
  private readonly links = new Map<string, string>()

  /** ARCHIVE_INVALID for a name that is there already: which of the two counts would differ from reader to reader. */
  add(member: TarMember): void {
    this.pass(member.name)
    if (member.kind === 'link') this.links.set(member.name, member.target)
    else this.files.set(member.name, { offset: member.offset, size: member.size })
  }

  /** Notes the name of a member whose content is not kept. */
  pass(name: string): void {
    if (this.names.has(name)) throw invalid(`two members with the name ${quote(name)}`)
    this.names.add(name)
  }

  /** Null when there is no such file; ARCHIVE_INVALID when links run in a circle. */
  find(name: string): Extent | null {
    let current = name
    for (let hops = 0; hops <= longestChain; hops += 1) {
      const target = this.links.get(current)
      if (target === undefined) return this.files.get(current) ?? null
      current = target
    }
    throw invalid(`links in a circle at ${quote(name)}`)
  }
}
