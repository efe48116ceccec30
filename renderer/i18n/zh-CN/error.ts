// Long because it has a text for every error there is.
import type { ErrorCode } from '@shared/error'
import type { error as en, ErrorText } from '../en/error'
import type { Messages } from '../types'
import { panel } from './error-panel'

/** 每个错误说明发生了什么、下一步怎么做；缺少任何一个代码都无法通过编译。消息不以占位符开头。 */
const texts: Record<ErrorCode, ErrorText> = {
  BLOB_UNKNOWN: {
    message: '在 {host} 上缺少 {reference} 的某一层。',
    hint: '镜像可能已被删除，或仍在上传。请重试，或重新推送该镜像。',
  },
  BLOB_UPLOAD_INVALID: {
    message: '上传过程中，某一层被 {host} 拒绝。',
    hint: '请重试。如果一直失败，请联系仓库管理员检查存储是否正常。',
  },
  BLOB_UPLOAD_UNKNOWN: {
    message: '此前开始的上传在 {host} 上已失效。',
    hint: '请重试：已经传完的部分不会再传一次。',
  },
  DIGEST_INVALID: {
    message: '到达 {host} 的内容与摘要不一致。',
    hint: '数据在途中被改动，常见原因是代理。请重试。',
  },
  MANIFEST_BLOB_UNKNOWN: {
    message: '由于 {host} 上缺少 {reference} 的部分层，镜像未被接受。',
    hint: '请重试，届时会补传缺少的层。',
  },
  MANIFEST_INVALID: {
    message: '清单未被 {host} 接受：{reference}。',
    hint: '该仓库的版本可能过旧，不支持这类镜像。仓库的原话见详细信息。',
  },
  MANIFEST_UNKNOWN: {
    message: '在 {host} 上找不到 {reference}。',
    hint: '它可能已被删除或改名。刷新列表即可看到现有内容。',
  },
  NAME_INVALID: {
    message: '名称不可用：{repository} 不符合 {host} 的规则。',
    hint: '请使用小写字母、数字、点、短横线和下划线，各段之间用斜杠分隔。',
  },
  NAME_UNKNOWN: {
    message: '在 {host} 上找不到 {repository}。',
    hint: '请检查拼写和命名空间。首次推送时会自动创建镜像库。',
  },
  SIZE_INVALID: {
    message: '到达 {host} 的内容长度与声明的不符。',
    hint: '连接可能中断过。请重试。',
  },
  UNAUTHORIZED: {
    message: '登录未通过：{host} 不接受 {account} 的凭据。',
    hint: '请检查用户名和密码，然后重新登录。',
  },
  DENIED: {
    message: '没有权限：{host} 不允许 {account} 执行此操作。',
    hint: '请检查命名空间或租户 ID，换一个帐号登录，或向所有者申请权限。',
  },
  UNSUPPORTED: {
    message: '此操作不受 {host} 支持。',
    hint: '该仓库没有此功能，或已将其关闭。请咨询仓库管理员。',
  },
  TOOMANYREQUESTS: {
    message: '请求过于频繁：{host} 要求稍候。',
    hint: '请在 {wait} 后重试。登录后通常可以提高限额。',
  },
  HOST_UNKNOWN: {
    message: '在网络中找不到 {host}。',
    hint: '请检查地址的拼写，以及是否需要连接 VPN 或公司网络。',
  },
  CONNECTION_REFUSED: {
    message: '无法连接：{host} 没有服务在监听。',
    hint: '请检查端口以及仓库是否正在运行，然后重试。',
  },
  CONNECTION_LOST: {
    message: '与 {host} 的连接已断开。',
    hint: '请检查网络后重试。',
  },
  TIMED_OUT: {
    message: '等待超时：{host} 没有应答。',
    hint: '网络较慢，或防火墙拦截了连接。请重试。',
  },
  TLS_UNTRUSTED: {
    message: '证书不受信任：{host} 的证书由未知的机构签发。',
    hint: '使用私有 CA 的仓库都是如此。请查看证书，确认后仅对该仓库信任它。',
  },
  TLS_EXPIRED: {
    message: '证书不在有效期内：{host}。',
    hint: '请检查本机时钟。如果时钟无误，则需要仓库更换证书。',
  },
  TLS_NAME_MISMATCH: {
    message: '服务器出示的证书不是签发给 {host} 的。',
    hint: '请使用证书中的地址，或请仓库管理员更正证书。',
  },
  TLS_EXPECTED_HTTP: {
    message: '连接未加密：{host} 使用 http，而这里设置的是 https。',
    hint: '请检查端口。如果它确实只支持 http，请在仓库设置中选择 http。',
  },
  HTTP_EXPECTED_TLS: {
    message: '需要加密连接：{host} 使用 https，而这里设置的是 http。',
    hint: '请在仓库设置中选择 https。',
  },
  REALM_REFUSED: {
    message: '登录 {host} 要经过另一个地址上的令牌服务，已在此停下。',
    hint: '尚未发送任何内容。如果您认识该地址，确认一次后，帐号即可发送到那里。',
  },
  REDIRECT_REFUSED: {
    message: '来自 {host} 的重定向指向不安全的地址，未予跟随。',
    hint: '它从 https 转到 http、循环，或跳转次数过多。请仓库管理员检查配置。',
  },
  PROXY_FAILED: {
    message: '代理没有放行到 {host} 的请求。',
    hint: '请检查系统网络设置中的代理，或将该仓库设为不走代理。',
  },
  NOT_A_REGISTRY: {
    message: '服务器有应答，但 {host} 上没有镜像仓库服务。',
    hint: '请检查地址和端口：仓库的地址往往与其网页不同。',
  },
  REGISTRY_FAILED: {
    message: '服务端出错：{host} 报告了内部故障。',
    hint: '问题出在仓库一侧，请稍后重试。',
  },
  RESPONSE_INVALID: {
    message: '无法理解 {host} 的应答。',
    hint: '可能是代理或网络登录页代为应答。请检查网络后重试。',
  },
  RESPONSE_TOO_LARGE: {
    message: '应答过大：{host} 返回的不像是所请求的内容。',
    hint: '为保护本机，没有读完。',
  },
  DIGEST_MISMATCH: {
    message: '从 {host} 收到的内容与 {reference} 的摘要不一致。',
    hint: '内容已丢弃：数据在途中被改动，或在仓库中已损坏。请重试。',
  },
  SIZE_MISMATCH: {
    message: '从 {host} 收到的 {reference} 长度与声明的不符。',
    hint: '内容已丢弃。请重试。',
  },
  LISTING_UNSUPPORTED: {
    message: '无法列出 {host} 上的镜像。',
    hint: '请按名称添加您使用的镜像，程序会记住它们。',
  },
  DELETE_DISABLED: {
    message: '删除功能在 {host} 上已关闭。',
    hint: '只有仓库管理员可以开启。',
  },
  SCHEMA1_UNSUPPORTED: {
    message: '格式过旧：{reference} 使用 Docker schema 1。',
    hint: '请用旧版 Docker 拉取后重新推送，或重新构建。',
  },
  ENGINE_MISSING: {
    message: '本机没有找到容器引擎。',
    hint: '请安装 Docker 或 Podman，或将 DOCKER_HOST 设为您使用的引擎。没有引擎也可以浏览镜像。',
  },
  ENGINE_STOPPED: {
    message: '容器引擎没有运行。',
    hint: '请启动 Docker 或 Podman，启动后会自动识别。',
  },
  ENGINE_DENIED: {
    message: '容器引擎正在运行，但当前用户无权使用。',
    hint: '在 Linux 上，当前用户通常需要加入 docker 组；加入后请注销并重新登录系统。',
  },
  ENGINE_LOST: {
    message: '与容器引擎的连接已断开。',
    hint: '它可能重启了。恢复后请重试。',
  },
  ENGINE_FAILED: {
    message: '容器引擎报告了故障。',
    hint: '引擎的原话见详细信息。请重试。',
  },
  ENGINE_DISK_FULL: {
    message: '容器引擎所在的磁盘已满。',
    hint: '请删除不再需要的镜像或容器，然后重新开始。',
  },
  ENGINE_UNTRUSTED_REGISTRY: {
    message: '容器引擎不信任 {host} 的证书。',
    hint: '引擎有自己的信任列表：请将 CA 证书以 ca.crt 为名放入 /etc/docker/certs.d/ 下以仓库地址命名的目录（Docker Desktop：导入系统证书后重启）。',
  },
  ENGINE_UNREACHABLE_REGISTRY: {
    message: '容器引擎无法连接 {host}。',
    hint: '引擎有自己的网络和代理设置。请检查后重试。',
  },
  ENGINE_INSECURE: {
    message: '到该容器引擎的连接没有加密，因此不会向它发送密码。',
    hint: '请选择本机的引擎，或通过 TLS 连接。',
  },
  IMAGE_NOT_FOUND: {
    message: '容器引擎中已没有 {reference}。',
    hint: '它可能已在别处被删除。请刷新列表。',
  },
  IMAGE_IN_USE: {
    message: '有容器正在使用 {reference}。',
    hint: '请先停止并删除该容器。',
  },
  PLATFORM_MISSING: {
    message: '没有适用于此平台的镜像：{reference}。',
    hint: '请选择该镜像已有的平台。',
  },
  KEYCHAIN_UNAVAILABLE: {
    message: '系统钥匙串不可用，无法安全保存密码。',
    hint: '可以仅在本次会话中保留密码：程序退出后即忘记，绝不写入文件。',
  },
  KEYCHAIN_LOCKED: {
    message: '系统钥匙串已锁定。',
    hint: '请解锁后重试。',
  },
  CREDENTIAL_MISSING: {
    message: '钥匙串中已没有 {account} 在 {host} 的密码。',
    hint: '请重新登录。',
  },
  TAG_EXISTS: {
    message: '镜像版本重复：标签 {tag} 已存在，且是另一个镜像。',
    hint: '请查看现有内容；确认可以覆盖后再重新开始。',
  },
  TAG_CHANGED: {
    message: '在此期间，{host} 上的标签 {tag} 已被改动。',
    hint: '没有执行任何操作。请查看现有内容后再决定。',
  },
  NOT_VERIFIED: {
    message: '传输已完成，但 {host} 上的 {reference} 与所发送的不一致。',
    hint: '可能有人同时推送了同一标签。请重试。',
  },
  INTERRUPTED: {
    message: '程序在完成前退出了。',
    hint: '请重试：已经传完的部分不会再传一次。',
  },
  CANCELLED: {
    message: '您已取消。',
    hint: '可以随时重新开始。',
  },
  INPUT_INVALID: {
    message: '输入内容有误。',
    hint: '请检查标出的字段。',
  },
  REGISTRY_UNKNOWN: {
    message: '列表中已没有该仓库。',
    hint: '它已被移除；如有需要请重新添加。',
  },
  REGISTRY_DUPLICATE: {
    message: '列表中已有：{host}，且名称和命名空间都相同。',
    hint: '请编辑已有的仓库，或换一个名称。一个仓库可以有多个帐号。',
  },
  CERTIFICATE_INVALID: {
    message: '文本中没有可用的证书。',
    hint: '请选择 PEM 文件，其中含有 “BEGIN CERTIFICATE” 一行。',
  },
  JOB_UNKNOWN: {
    message: '列表中已没有该传输任务。',
    hint: '它已从历史记录中移除。',
  },
  STORE_FAILED: {
    message: '程序无法写入自己的文件。',
    hint: '请检查磁盘是否已满、目录是否可写，然后重试。',
  },
  POOL_UNKNOWN: {
    message: '该资源池已不在列表中。',
    hint: '请选择其他资源池，或在“资源池”中重新添加。',
  },
  POOL_DUPLICATE: {
    message: '列表中已有该地址的资源池。',
    hint: '请使用已有的资源池，或修改它的名称或证书。',
  },
  POOL_UNSUPPORTED: {
    message: '资源池 {pool} 不支持此操作。',
    hint: '详细信息中有具体说明。请去掉该设置，或选择其他类型的资源池。',
  },
  SSH_MISSING: {
    message: '此计算机上没有找到 ssh 程序。',
    hint: '请安装 OpenSSH 后重试。',
  },
  SSH_HOST_UNKNOWN: {
    message: '尚不认识 {host} 的主机密钥。',
    hint: '请先在终端中用 ssh 连接一次，核对指纹并接受，然后重试。',
  },
  SSH_HOST_CHANGED: {
    message: '{host} 的主机密钥与已知的不一致。',
    hint: '中间可能有人冒充。请先向主机管理员确认，再用 ssh-keygen -R 删除旧密钥。',
  },
  SSH_DENIED: {
    message: '无法通过 ssh 登录 {host}。',
    hint: 'Slipway 不询问 ssh 密码：请把密钥加入 ssh-agent，并检查地址中的用户名。',
  },
  SSH_FAILED: {
    message: '到 {host} 的 ssh 连接已中断。',
    hint: '主机必须在运行，并且该用户的路径中有 docker 或 podman 程序。详细信息中是 ssh 的原话。',
  },
  ENGINE_TLS_REFUSED: {
    message: '{host} 上的引擎不接受这些证书。',
    hint: '请检查该文件夹：ca.pem 必须是引擎的签发机构，cert.pem 和 key.pem 必须是引擎接受的。',
  },
  SWARM_NEEDED: {
    message: '该引擎不是 Swarm 的管理节点。',
    hint: '请选择一个管理节点，或在“资源池”中创建 Swarm。',
  },
  DEPLOYMENT_UNKNOWN: {
    message: '部署 {deployment} 已不存在。',
    hint: '它可能已在其他计算机上被移除。请刷新列表。',
  },
  DEPLOYMENT_CHANGED: {
    message: '部署 {deployment} 期间已被更改。',
    hint: '请查看当前运行的内容，然后重新修改。',
  },
  DEPLOYMENT_INVALID: {
    message: '引擎不接受 {deployment} 的设置。',
    hint: '详细信息中写明了不被接受的内容。请修改后重新部署。',
  },
  DESCRIPTION_INVALID: {
    message: '这不是 Slipway 能读取的描述文件。',
    hint: '详细信息中标明了行号。可以把表单另存为描述文件，看看它的格式。',
  },
  NAME_TAKEN: {
    message: '名称 {deployment} 在该资源池中已被占用。',
    hint: '请换一个名称，或移除占用它的内容。',
  },
  PORT_IN_USE: {
    message: '主机端口 {port} 已被占用。',
    hint: '请换一个端口，或由引擎自动分配。',
  },
  CONTAINER_EXITED: {
    message: '{deployment} 的容器已退出，退出码为 {exitCode}。',
    hint: '最后几行日志在详细信息中。常见原因是缺少变量、文件或命令。',
  },
  NOT_HEALTHY: {
    message: '{deployment} 的新实例未能按时变为健康。',
    hint: '详细信息中有最后一次健康检查和最后几行日志。原来运行的内容保持不变。',
  },
  NOT_REACHABLE: {
    message: '{deployment} 的容器在运行，但端口 {port} 没有应答。',
    hint: '请检查它是否监听该端口以及所有地址，而不只是 127.0.0.1。原来运行的内容保持不变。',
  },
  RESOURCES_MISSING: {
    message: '该资源池中没有主机能容纳 {deployment}。',
    hint: '请减少 CPU 或内存需求，或增加主机。详细信息中是引擎的原话。',
  },
  SECRET_MISSING: {
    message: '{deployment} 的一个机密变量在此处没有值。',
    hint: '请重新输入它的值；它会保存在此计算机的钥匙串中。',
  },
  TERMINAL_FAILED: {
    message: '无法在该实例中打开终端。',
    hint: '该镜像可能没有 shell。详细信息中是引擎的原话。',
  },
  ARCHIVE_CHANGED: {
    message: '归档已不是之前查看的那一份。',
    hint: '它在此期间被重新写入。请重新打开，确认其中的内容。',
  },
  ARCHIVE_INVALID: {
    message: '归档文件已损坏、不完整，或与其声明的内容不符。',
    hint: '请重新复制或导出后再试；具体问题见详细信息。',
  },
  ARCHIVE_UNSUPPORTED: {
    message: '此文件中没有可读取的镜像。',
    hint: '请选择 “docker save” 导出的文件（也可以是 .tar.gz 或 .tar.zst），或 OCI 布局（目录或 tar）。',
  },
  ARCHIVE_UNREADABLE: {
    message: '无法从磁盘读取归档文件。',
    hint: '请确认文件仍在原处且有权读取，然后重试。',
  },
  INTERNAL: {
    message: '程序内部出错。',
    hint: '请重试。如果再次出现，可附上详细信息反馈。',
  },
}

const otherwise: Pick<typeof texts, 'UNAUTHORIZED' | 'DENIED' | 'CREDENTIAL_MISSING' | 'REALM_REFUSED'> = {
  REALM_REFUSED: {
    message: '登录 {host} 要经过不安全地址上的令牌服务，已在此停下。',
    hint: '尚未发送任何内容。具体问题见详细信息，需要由仓库管理员更正。',
  },
  UNAUTHORIZED: {
    message: '需要先登录 {host}。',
    hint: '请使用有权限的帐号登录。',
  },
  DENIED: {
    message: '没有权限：{host} 不允许此操作。',
    hint: '请登录，检查命名空间或租户 ID，或向所有者申请权限。',
  },
  CREDENTIAL_MISSING: {
    message: '钥匙串中已没有 {host} 的密码。',
    hint: '请重新登录。',
  },
}

export const error: Messages<typeof en> = { ...texts, otherwise, panel }
