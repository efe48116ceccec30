import type { lineage as en } from '../en/lineage'
import type { Messages } from '../types'

export const lineage: Messages<typeof en> = {
  title: '镜像来源',
  builtOn: '基于',
  newer: '有更新的构建：',
  newest: '已是最新构建',
  builtOnThis: '基于此镜像构建的镜像',
  count: '{n} 个镜像 | {n} 个镜像',
  stale: '旧版构建',
  staleHint: '它基于此镜像的旧版构建',
  staleCount: '{n} 个基于旧版构建 | {n} 个基于旧版构建',
  showAll: '显示全部 {n} 个',
  note: '仅根据浏览过的镜像，按镜像层判断。',
}
