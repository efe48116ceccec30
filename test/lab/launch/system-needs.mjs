/**
 * What each part needs from the system. `names` are alternatives, the newest name first (Ubuntu 24.04 renamed some
 * libraries); `commands`, where given, satisfy the need too, wherever they come from (say Docker's own packages).
 */
export const needs = {
  electron: [
    { names: ['libgtk-3-0t64', 'libgtk-3-0'], why: 'windows' },
    { names: ['libnss3'], why: 'Electron' },
    { names: ['libasound2t64', 'libasound2'], why: 'Electron' },
    { names: ['libgbm1'], why: 'Electron' },
    { names: ['libxss1'], why: 'Electron' },
    { names: ['libsecret-1-0'], why: 'the keychain' },
  ],
  display: [
    { names: ['xvfb'], commands: ['Xvfb'], why: 'a display without a screen' },
    { names: ['fonts-noto-cjk'], why: 'Chinese text' },
  ],
  lab: [
    { names: ['docker.io'], commands: ['dockerd', 'containerd', 'docker'], why: 'a Docker engine' },
    { names: ['iptables'], commands: ['iptables'], why: 'the Docker engine' },
    { names: ['iproute2'], commands: ['ip'], why: 'the engine gets a bridge of its own' },
    {
      names: ['nftables'],
      commands: ['nft'],
      why: 'published ports of a swarm, where the kernel lacks IPVS',
    },
    { names: ['openssh-server'], commands: ['sshd', 'ssh-keygen'], why: 'an engine behind ssh' },
    { names: ['openssh-client'], commands: ['ssh'], why: 'an engine behind ssh' },
    { names: ['docker-registry'], commands: ['docker-registry'], why: 'registries' },
    { names: ['apache2-utils'], commands: ['htpasswd'], why: 'accounts of a Basic registry' },
    { names: ['podman'], commands: ['podman'], why: 'a second engine' },
    { names: ['runc'], commands: ['runc'], why: 'containers of both engines' },
    { names: ['netavark'], why: 'Podman', optional: true },
    { names: ['gnome-keyring'], commands: ['gnome-keyring-daemon'], why: 'a keyring' },
    { names: ['dbus-x11'], commands: ['dbus-daemon', 'dbus-send'], why: 'a session bus' },
    { names: ['busybox-static'], why: 'images made from nothing' },
    { names: ['openssl'], commands: ['openssl'], why: 'looking at certificates' },
    { names: ['skopeo'], commands: ['skopeo'], why: 'comparison with a peer' },
  ],
}
