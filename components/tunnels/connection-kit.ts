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

export interface ConnectionKit {
  /** In words, for "Detected as PostgreSQL from its port"; null when nothing is known. */
  readonly service: string | null;
  readonly detectedBy: "port" | "name" | null;
  readonly lines: readonly KitLine[];
}

type LinesOf = (at: HostPort, address: string) => readonly KitLine[];

interface ServiceSpec {
  readonly service: string;
  readonly ports: readonly number[];
  readonly names: RegExp;
  readonly lines: LinesOf;
}

/** Addresses of IPv6 need brackets in URLs and none elsewhere. */
const inUrl = ({ host, port }: HostPort): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;

const plain: LinesOf = (at, address) => [
  { id: "nc", label: "nc", text: `nc ${at.host} ${at.port}` },
  { id: "address", label: "Address", text: address },
];

const SERVICES: readonly ServiceSpec[] = [
  {
    service: "PostgreSQL",
    ports: [5432],
    names: /postgres|(^|[^a-z])(pg|psql|timescale|cockroach)([^a-z]|$)/i,
    lines: (at) => [
      {
        id: "psql",
        label: "psql",
        text: `psql -h ${at.host} -p ${at.port} -U postgres postgres`,
        note: "Put your user and database in place of postgres.",
      },
      {
        id: "url",
        label: "URL",
        text: `postgresql://postgres@${inUrl(at)}/postgres`,
        note: "Put your user and database in place of postgres.",
      },
      {
        id: "pgpass",
        label: ".pgpass",
        text: `${at.host.replaceAll(":", "\\:")}:${at.port}:*:postgres:`,
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
    lines: (at) => [
      {
        id: "mysql",
        label: "mysql",
        text: `mysql -h ${at.host} -P ${at.port} -u root -p`,
        note: "It asks for the password.",
      },
      { id: "url", label: "URL", text: `mysql://root@${inUrl(at)}/` },
    ],
  },
  {
    service: "SSH",
    ports: [22, 2222],
    names: /(^|[^a-z])(ssh|sshd|sftp)([^a-z]|$)/i,
    lines: (at) => [
      {
        id: "ssh",
        label: "ssh",
        text: `ssh -p ${at.port} root@${at.host}`,
        note: "Put your user in place of root.",
      },
      {
        id: "config",
        label: "~/.ssh/config",
        text: `Host culvert\n  HostName ${at.host}\n  Port ${at.port}\n  User root`,
      },
    ],
  },
  {
    service: "HTTP",
    ports: [80, 3000, 8000, 8080, 8081, 9090],
    names: /http|web|api|grafana|prometheus/i,
    lines: (at) => [
      { id: "curl", label: "curl", text: `curl http://${inUrl(at)}/` },
      { id: "url", label: "URL", text: `http://${inUrl(at)}/` },
    ],
  },
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
    lines: (at) => [{ id: "dig", label: "dig", text: `dig @${at.host} -p ${at.port} example.com` }],
  },
];

/** How to connect, by what the service seems to be. Passwords are never part of a line. */
export function connectionKit(
  tunnel: Pick<TunnelDto, "listener" | "gateway" | "backends">,
  address: string,
): ConnectionKit {
  const at = splitAddress(address);
  const ports = [...tunnel.backends.map(({ port }) => port), tunnel.listener.port];
  const names = [
    tunnel.listener.name,
    ...tunnel.backends.map(({ name }) => name),
    tunnel.gateway.name,
  ];
  const byPort = SERVICES.find((service) => ports.some((port) => service.ports.includes(port)));
  const byName = SERVICES.find((service) => names.some((name) => service.names.test(name)));
  // A name says more than a port that many services share.
  const found = byName ?? byPort;
  if (found === undefined) return { service: null, detectedBy: null, lines: plain(at, address) };
  return {
    service: found.service,
    detectedBy: found === byPort ? "port" : "name",
    lines: [...found.lines(at, address), ...plain(at, address).slice(1)],
  };
}
