/** What the seeds are made of: facts about images in a form short enough to read. */
export interface Catalogued {
  name: string
  title: string
  description: string
  license: string
  author: string
  /** Layers above the base that all share. */
  layers: number
  /** Oldest first; the last is the newest. */
  versions: { version: string; created: string }[]
  config: Record<string, unknown>
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

function versions(text: string): Catalogued['versions'] {
  return text.split(' ').map((part) => {
    const [version = '', date = ''] = part.split('@')
    return { version, created: `${date}T08:30:00Z` }
  })
}

type Row = [
  name: string,
  title: string,
  description: string,
  license: string,
  layers: number,
  versions: string,
]

function entry(
  [name, title, description, license, layers, dates]: Row,
  author: string,
  config: Record<string, unknown>,
): Catalogued {
  return {
    name,
    title,
    description,
    license,
    layers,
    author,
    versions: versions(dates),
    config: { Env: [path], ...config },
  }
}

const library = 'Slipway lab <lab@example.com>'
const web = { ExposedPorts: { '80/tcp': {} }, StopSignal: 'SIGQUIT' }

export const publicImages: Catalogued[] = [
  entry(
    [
      'nginx',
      'nginx',
      'HTTP and reverse proxy server',
      'BSD-2-Clause',
      4,
      '1.24.0@2023-04-11 1.25.3@2023-10-24 1.26.0@2024-04-23',
    ],
    library,
    { ...web, Entrypoint: ['/docker-entrypoint.sh'], Cmd: ['nginx', '-g', 'daemon off;'] },
  ),
  entry(
    [
      'tomcat',
      'Apache Tomcat',
      'Servlet container for Java',
      'Apache-2.0',
      5,
      '8.5.99@2024-02-19 9.0.89@2024-05-06 10.1.24@2024-05-13',
    ],
    library,
    {
      ExposedPorts: { '8080/tcp': {} },
      WorkingDir: '/usr/local/tomcat',
      Env: [path, 'CATALINA_HOME=/usr/local/tomcat'],
      Cmd: ['catalina.sh', 'run'],
    },
  ),
  entry(
    [
      'alpine',
      'Alpine Linux',
      'A small Linux: musl and busybox',
      'MIT',
      1,
      '3.17.7@2024-01-27 3.18.6@2024-01-27 3.20.0@2024-05-22',
    ],
    library,
    { Cmd: ['/bin/sh'] },
  ),
  entry(
    [
      'redis',
      'Redis',
      'In-memory data structure store',
      'BSD-3-Clause',
      3,
      '6.2.14@2023-10-18 7.0.15@2024-01-09 7.2.5@2024-05-16',
    ],
    library,
    {
      ExposedPorts: { '6379/tcp': {} },
      Volumes: { '/data': {} },
      WorkingDir: '/data',
      Cmd: ['redis-server'],
    },
  ),
  entry(
    [
      'mysql',
      'MySQL',
      'Relational database server',
      'GPL-2.0-only',
      5,
      '5.7.44@2023-10-25 8.0.37@2024-05-01 8.4.0@2024-05-01',
    ],
    library,
    { ExposedPorts: { '3306/tcp': {}, '33060/tcp': {} }, Volumes: { '/var/lib/mysql': {} }, Cmd: ['mysqld'] },
  ),
  entry(
    [
      'postgres',
      'PostgreSQL',
      'Object-relational database system',
      'PostgreSQL',
      5,
      '14.12@2024-05-10 15.7@2024-05-10 16.3@2024-05-11',
    ],
    library,
    {
      ExposedPorts: { '5432/tcp': {} },
      Volumes: { '/var/lib/postgresql/data': {} },
      StopSignal: 'SIGINT',
      Cmd: ['postgres'],
    },
  ),
  entry(
    [
      'node',
      'Node.js',
      'JavaScript runtime built on V8',
      'MIT',
      4,
      '16.20.2@2023-08-09 18.20.3@2024-05-21 20.14.0@2024-05-28',
    ],
    library,
    { Env: [path, 'NODE_VERSION=20.14.0'], Cmd: ['node'] },
  ),
  entry(
    [
      'python',
      'Python',
      'Interpreted, interactive, object-oriented language',
      'PSF-2.0',
      4,
      '3.10.14@2024-03-19 3.11.9@2024-04-02 3.12.3@2024-04-09',
    ],
    library,
    { Env: [path, 'LANG=C.UTF-8'], Cmd: ['python3'] },
  ),
  entry(
    [
      'busybox',
      'BusyBox',
      'Many Unix tools in one small executable',
      'GPL-2.0-only',
      1,
      '1.34.1@2021-09-30 1.35.0@2021-12-26 1.36.1@2023-05-19',
    ],
    library,
    { Cmd: ['sh'] },
  ),
  entry(
    [
      'httpd',
      'Apache HTTP Server',
      'The Apache web server',
      'Apache-2.0',
      3,
      '2.4.57@2023-04-06 2.4.58@2023-10-19 2.4.59@2024-04-04',
    ],
    library,
    { ...web, WorkingDir: '/usr/local/apache2', Cmd: ['httpd-foreground'] },
  ),
]

const team = '友云采 <platform@example.com>'
const health = {
  Test: ['CMD-SHELL', 'wget -qO- http://127.0.0.1:8080/health || exit 1'],
  Interval: 30_000_000_000,
  Retries: 3,
}

export const tenantImages: Catalogued[] = [
  entry(
    [
      'iuap-web',
      'iuap web',
      '企业门户前端 (portal front end)',
      'Apache-2.0',
      3,
      '1.0.0@2023-09-12 1.1.0@2024-01-15 1.2.0@2024-05-20',
    ],
    team,
    { ...web, Cmd: ['nginx', '-g', 'daemon off;'] },
  ),
  entry(
    ['order-service', 'Order service', '订单服务', 'Apache-2.0', 4, '0.9.1@2023-11-02 1.0.0@2024-02-28'],
    team,
    {
      ExposedPorts: { '8080/tcp': {} },
      User: '1000',
      WorkingDir: '/app',
      Env: [path, 'JAVA_OPTS=-Xmx512m'],
      Healthcheck: health,
      Cmd: ['java', '-jar', 'app.jar'],
    },
  ),
  entry(['workbench', 'Workbench', '工作台', 'Apache-2.0', 2, '2024.4@2024-04-30 2024.5@2024-05-31'], team, {
    ExposedPorts: { '3000/tcp': {} },
    WorkingDir: '/srv',
    Cmd: ['node', 'server.js'],
  }),
  entry(
    [
      'jdk8_ownbase',
      'JDK 8 base',
      'Java 8 for our services',
      'GPL-2.0-only',
      2,
      'v1@2022-06-01 v2@2024-03-08',
    ],
    team,
    { Env: [path, 'JAVA_HOME=/opt/jdk8'], Cmd: ['java', '-version'] },
  ),
  entry(['node_ownbase', 'Node base', 'Node.js for our front ends', 'MIT', 2, 'v1@2023-05-17'], team, {
    Cmd: ['node'],
  }),
]
