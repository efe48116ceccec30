import type { panel as en } from '../en/error-panel'
import type { Messages } from '../types'

export const panel: Messages<typeof en> = {
  some: {
    host: '镜像仓库',
    reference: '该镜像',
    repository: '该名称',
    account: '您的帐号',
    tag: '',
    wait: '片刻',
    pool: '（当前所选）',
    deployment: '（当前所选）',
    port: '（所请求的）',
    exitCode: '未知',
  },
  seconds: '{n} 秒',
  step: {
    retry: '重试',
    refresh: '刷新',
    'sign-in': '登录…',
    'edit-registry': '编辑仓库…',
    'trust-certificate': '查看证书…',
    'start-engine': '如何启动…',
    'open-settings': '打开设置',
    'add-repository': '按名称添加…',
    'session-only': '仅本次会话保留',
    'confirm-realm': '确认该地址…',
  },
  details: '详细信息',
  copy: '复制详细信息',
  failure: '错误',
}
