import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { splitAddress, type HostPort } from "./tunnel-words.ts";

export interface KitLine {
  readonly id: string;
  /** On the tab. */
  readonly label: string;
  readonly text: string;
  /** What to fill in or what follows. */
  readonly note?: string;
}

/** Whose lines they are; what a person left empty is the service's usual one. */
export interface KitLogin {
  readonly user: string;
  readonly database: string;
}

export const NO_LOGIN: KitLogin = { user: "", database: "" };

export interface ConnectionKit {
  /** In words, for "Detected as PostgreSQL from its port"; null when nothing is known. */
  readonly service: string | null;
  readonly detectedBy: "port" | "name" | null;
  readonly lines: readonly KitLine[];
  /** What a line names beside the address, with its usual value. */
  readonly asks: Partial<KitLogin>;
}

interface Place extends HostPort, KitLogin {
  readonly address: string;
}

type LinesOf = (at: Place) => readonly KitLine[];

interface ServiceSpec {
  readonly service: string;
  readonly ports: readonly number[];
  readonly names: RegExp;
  readonly asks?: Partial<KitLogin>;
  readonly lines: LinesOf;
  /** Where it is spoken over UDP as well. */
  readonly udpLines?: LinesOf;
}

/** Addresses of IPv6 need brackets in URLs and none elsewhere. */
const inUrl = ({ host, port }: HostPort): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** One word for a shell, whatever a person typed. */
const word = (text: string): string =>
  /^[\w.@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** One field of a .pgpass line. */
const passField = (text: string): string => text.replace(/[\\:]/g, "\\$&");

const plain: LinesOf = (at) => [
  { id: "nc", label: "nc", text: `nc ${at.host} ${at.port}` },
  { id: "address", label: "Address", text: at.address },
];

const plainUdp: LinesOf = (at) => [
  {
    id: "nc",
    label: "nc",
    text: `nc -u ${at.host} ${at.port}`,
    note: "Type a line: UDP answers only when the service does.",
  },
  { id: "address", label: "Address", text: at.address },
];

const HTTP: ServiceSpec = {
  service: "HTTP",
  ports: [80, 3000, 8000, 8080, 8081, 9090],
  names: /http|web|api|grafana|prometheus/i,
  lines: (at) => [
    { id: "curl", label: "curl", text: `curl http://${inUrl(at)}/` },
    { id: "url", label: "URL", text: `http://${inUrl(at)}/` },
  ],
};

const SERVICES: readonly ServiceSpec[] = [
  {
    service: "PostgreSQL",
    ports: [5432],
    names: /postgres|(^|[^a-z])(pg|psql|timescale|cockroach)([^a-z]|$)/i,
    asks: { user: "postgres", database: "postgres" },
    lines: (at) => [
      {
        id: "psql",
        label: "psql",
        text: `psql -h ${at.host} -p ${at.port} -U ${word(at.user)} ${word(at.database)}`,
      },
      {
        id: "url",
        label: "URL",
        text: `postgresql://${encodeURIComponent(at.user)}@${inUrl(at)}/${encodeURIComponent(at.database)}`,
      },
      {
        id: "pgpass",
        label: ".pgpass",
        text: `${passField(at.host)}:${at.port}:*:${passField(at.user)}:`,
        note: "Add the password after the last colon, in ~/.pgpass with mode 0600.",
      },
    ],
  },
  {
    service: "Redis",
    ports: [6379, 6380],
    names: /redis|valkey/i,
    lines: (at) => [
      {
        id: "redis-cli",
        label: "redis-cli",
        text: `redis-cli -h ${at.host} -p ${at.port}`,
        note: "Add --askpass when it wants a password.",
      },
      { id: "url", label: "URL", text: `redis://${inUrl(at)}` },
    ],
  },
  {
    service: "MySQL",
    ports: [3306],
    names: /mysql|mariadb/i,
    asks: { user: "root" },
    lines: (at) => [
      {
        id: "mysql",
        label: "mysql",
        text: `mysql -h ${at.host} -P ${at.port} -u ${word(at.user)} -p`,
        note: "It asks for the password.",
      },
      { id: "url", label: "URL", text: `mysql://${encodeURIComponent(at.user)}@${inUrl(at)}/` },
    ],
  },
  {
    service: "SSH",
    ports: [22, 2222],
    names: /(^|[^a-z])(ssh|sshd|sftp)([^a-z]|$)/i,
    asks: { user: "root" },
    lines: (at) => [
      { id: "ssh", label: "ssh", text: `ssh -p ${at.port} ${word(at.user)}@${at.host}` },
      {
        id: "config",
        label: "~/.ssh/config",
        text: `Host culvert\n  HostName ${at.host}\n  Port ${at.port}\n  User ${at.user}`,
      },
    ],
  },
  HTTP,
  {
    service: "HTTPS",
    ports: [443, 8443],
    names: /https/i,
    lines: (at) => [
      {
        id: "curl",
        label: "curl",
        text: `curl https://${inUrl(at)}/`,
        note: "The certificate must name this host, or add --insecure.",
      },
    ],
  },
  {
    service: "DNS",
    ports: [53],
    names: /(^|[^a-z])(dns|coredns|unbound)([^a-z]|$)/i,
    lines: (at) => [
      { id: "dig", label: "dig", text: `dig +tcp @${at.host} -p ${at.port} example.com` },
    ],
    udpLines: (at) => [
      { id: "dig", label: "dig", text: `dig @${at.host} -p ${at.port} example.com` },
    ],
  },
];

type KitTunnel = Pick<TunnelDto, "protocol" | "listener" | "gateway" | "backends">;

/** How to connect, by what the service seems to be. Passwords are never part of a line. */
export function connectionKit(
  tunnel: KitTunnel,
  address: string,
  login: KitLogin = NO_LOGIN,
): ConnectionKit {
  const isUdp = tunnel.protocol === "udp";
  const general = isUdp ? plainUdp : plain;
  const found = detect(tunnel);
  const asks = found?.spec.asks ?? {};
  const at: Place = {
    ...splitAddress(address),
    address,
    user: login.user || (asks.user ?? ""),
    database: login.database || (asks.database ?? ""),
  };
  if (found === null) return { service: null, detectedBy: null, asks, lines: general(at) };
  const { spec, by } = found;
  const own = (isUdp ? spec.udpLines : undefined) ?? spec.lines;
  return {
    service: spec.service,
    detectedBy: by,
    asks,
    lines: [...own(at), ...general(at).slice(1)],
  };
}

function detect(
  tunnel: KitTunnel,
): { readonly spec: ServiceSpec; readonly by: ConnectionKit["detectedBy"] } | null {
  // Known, not guessed.
  if (tunnel.protocol === "http") return { spec: HTTP, by: null };
  const ports = [...tunnel.backends.map(({ port }) => port), tunnel.listener.port];
  const names = [
    tunnel.listener.name,
    ...tunnel.backends.map(({ name }) => name),
    tunnel.gateway.name,
  ];
  const spoken =
    tunnel.protocol === "udp"
      ? SERVICES.filter(({ udpLines }) => udpLines !== undefined)
      : SERVICES;
  const byPort = spoken.find((service) => ports.some((port) => service.ports.includes(port)));
  const byName = spoken.find((service) => names.some((name) => service.names.test(name)));
  // A name says more than a port that many services share.
  const spec = byName ?? byPort;
  if (spec === undefined) return null;
  return { spec, by: spec === byPort ? "port" : "name" };
}
