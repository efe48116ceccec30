import type { search as en } from '../en/search'
import type { Messages } from '../types'

export const search: Messages<typeof en> = {
  title: '搜索',
  placeholder: '名称、标签、摘要、标签信息、环境变量、端口、基础镜像…',
  start: '搜索所有浏览过的内容',
  startText: '凡是列出过或打开过的镜像，无论来自哪个镜像仓库，都可以搜索到，离线时也不例外。',
  none: '没有与“{text}”匹配的内容',
  noneText: '只能搜索到列出过或打开过的内容。打开镜像仓库的列表即可读取。',
  all: '全部',
  results: '搜索结果',
  filter: '匹配位置',
  count: '没有结果 | {n} 个结果 | {n} 个结果',
  more: '仅显示前 {n} 个结果，输入更多内容可缩小范围。',
  everything: '“{text}”的全部结果',
  go: '搜索',
  field: {
    repository: '镜像',
    tag: '标签',
    digest: '摘要',
    label: '标签信息（labels）',
    environment: '环境变量',
    port: '端口',
    base: '基础镜像',
  },
  one: {
    repository: '名称',
    tag: '标签',
    digest: '摘要',
    label: 'label',
    environment: '变量',
    port: '端口',
    base: '基于',
  },
  place: {
    pin: '收藏',
    unpin: '取消收藏',
    pinned: '已收藏',
    recent: '最近访问',
  },
}
