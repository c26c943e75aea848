import { isIP } from "node:net";
import { z } from "zod";

const wholeNumber = z
  .string()
  .regex(/^\d{1,10}$/, "must be a whole number")
  .transform(Number);
const port = wholeNumber.pipe(
  z.int().min(1, "must be 1 to 65535").max(65_535, "must be 1 to 65535"),
);

function isCidr(text: string): boolean {
  const [address, bits, ...rest] = text.split("/");
  if (address === undefined || rest.length > 0) return false;
  const version = isIP(address);
  if (version === 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}

const cidrs = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  )
  .refine((list) => list.every(isCidr), "must be addresses or CIDRs with commas between them");

/** Smallest range worth starting with, and a bound on what one process would ever listen on. */
const RELAY_PORTS_MAX = 50_000;

const portRange = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, "must look like 15000-31999")
  .transform((text) => {
    const [from = "0", to = "0"] = text.split("-");
    return { from: Number(from), to: Number(to) };
  })
  .refine(
    ({ from, to }) => from >= 1 && to <= 65_535 && from <= to && to - from < RELAY_PORTS_MAX,
    `must be an ascending range within 1-65535 of at most ${RELAY_PORTS_MAX} ports`,
  );

const host = z.string().regex(/^[A-Za-z0-9.:_[\]-]{1,253}$/, "must be a host name or an address");
/** Room for the longest label of a tunnel and its dot within the 253 characters of a name. */
const EDGE_DOMAIN_MAX = 253 - 64;
const edgeDomain = z
  .string()
  .max(EDGE_DOMAIN_MAX, `must have at most ${EDGE_DOMAIN_MAX} characters`)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    "must be a domain name in lower case",
  );
const bindAddress = z.string().refine((text) => isIP(text) !== 0, "must be an IP address");
const webUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return (
    url !== null &&
    (url.protocol === "http:" || url.protocol === "https:") &&
    url.pathname === "/" &&
    url.search === "" &&
    url.hash === "" &&
    url.username === ""
  );
}, "must be http:// or https:// with a host and nothing after it");

/** `registry.example.com/culvert-agent:1.2.3`, or with a digest. */
const imageReference = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$/, "must be the reference of a container image");

/** Every variable of the server, its rule and its default. `.env.example` is generated from this and VARIABLE_NOTES. */
export const SETTINGS = {
  CULVERT_HOST: bindAddress.prefault("0.0.0.0"),
  CULVERT_PORT: port.prefault("3000"),
  CULVERT_PUBLIC_URL: webUrl.optional(),
  CULVERT_TRUSTED_PROXIES: cidrs.prefault(""),
  CULVERT_DATA_DIR: z.string().min(1).prefault("./data"),
  DATABASE_URL: z
    .string()
    .regex(/^file:.+/, "must begin with file: (PostgreSQL is not supported by this version)")
    .optional(),
  CULVERT_RELAY_BIND: bindAddress.prefault("0.0.0.0"),
  CULVERT_RELAY_HOST: host.optional(),
  CULVERT_DIRECT_CIDRS: cidrs.prefault(""),
  CULVERT_RELAY_PORTS: portRange.prefault("15000-31999"),
  CULVERT_EDGE_PORT: port.prefault("8080"),
  CULVERT_EDGE_DOMAIN: edgeDomain.prefault("tunnel.localhost"),
  CULVERT_AGENT_IMAGE: imageReference.optional(),
  CULVERT_ADMIN_EMAIL: z.email("must be an e-mail address").optional(),
  CULVERT_ADMIN_PASSWORD: z
    .string()
    .min(10, "must be at least 10 characters")
    .max(128, "must be at most 128 characters")
    .optional(),
  CULVERT_SECRET: z.string().min(32, "must be at least 32 characters").max(1_024).optional(),
  CULVERT_RELAY_PROCESSES: z
    .union([z.literal("auto"), wholeNumber.pipe(z.int().min(1).max(64))], "must be auto or 1 to 64")
    .prefault("1"),
  CULVERT_LOG_LEVEL: z
    .enum(
      ["fatal", "error", "warn", "info", "debug", "trace", "silent"],
      "must be fatal, error, warn, info, debug, trace or silent",
    )
    .prefault("info"),
  CULVERT_LOG_FORMAT: z.enum(["text", "json"], "must be text or json").optional(),
} as const;

export type VariableName = keyof typeof SETTINGS;

interface VariableNote {
  /** As shown commented out in `.env.example`. */
  readonly example: string;
  readonly what: string;
  /** What goes wrong with a wrong value. */
  readonly ifWrong: string;
}

export const VARIABLE_NOTES: Readonly<Record<VariableName, VariableNote>> = {
  CULVERT_HOST: {
    example: "0.0.0.0",
    what: "Address the front door listens on: dashboard, API and agents.",
    ifWrong: "Nobody reaches the dashboard, and agents cannot connect.",
  },
  CULVERT_PORT: {
    example: "3000",
    what: "Port of the front door.",
    ifWrong: "The server does not start when the port is taken.",
  },
  CULVERT_PUBLIC_URL: {
    example: "http://localhost:3000",
    what: "What agents and people use to reach the front door.",
    ifWrong: "Printed commands and links lead nowhere; sign-in is refused from another origin.",
  },
  CULVERT_TRUSTED_PROXIES: {
    example: "",
    what: "CIDRs of proxies in front whose X-Forwarded-* headers are believed; all others' are removed.",
    ifWrong: "Addresses in the audit log are the proxy's, or can be forged.",
  },
  CULVERT_DATA_DIR: {
    example: "./data",
    what: "Database, generated secret, certificates and the sockets between our processes.",
    ifWrong: "The server does not start when it cannot write there.",
  },
  DATABASE_URL: {
    example: "file:./data/culvert.db",
    what: "The database: file:<path>. Default: culvert.db in the data directory.",
    ifWrong: "The server does not start, or starts with an empty database.",
  },
  CULVERT_RELAY_BIND: {
    example: "0.0.0.0",
    what: "Address relay ports are bound to.",
    ifWrong: "Clients cannot reach any tunnel.",
  },
  CULVERT_RELAY_HOST: {
    example: "127.0.0.1",
    what: "Host that endpoints name. Default: the public URL's host, 127.0.0.1 where that is localhost. Use another name than the dashboard's.",
    ifWrong:
      "Copied connection lines lead nowhere; with the dashboard's own name, browsers hand its cookie to tunnelled sites.",
  },
  CULVERT_DIRECT_CIDRS: {
    example: "",
    what: "Addresses that count as public and may be dialled for direct endpoints: CIDRs, separated by commas. Loopback only when listed; link-local and metadata addresses never.",
    ifWrong:
      "Clusters on a corporate network count as private; with too much listed, an agent can have the server try ports of that network.",
  },
  CULVERT_RELAY_PORTS: {
    example: "15000-31999",
    what: "Ports that tunnels get. Keep it below the kernel's ephemeral range.",
    ifWrong: "Tunnels stay pending when it is used up.",
  },
  CULVERT_EDGE_PORT: {
    example: "8080",
    what: "Port of the HTTP edge, which all HTTP tunnels share. Another one than CULVERT_PORT, outside of CULVERT_RELAY_PORTS.",
    ifWrong: "HTTP tunnels are not reachable while the port is taken; each says so on its page.",
  },
  CULVERT_EDGE_DOMAIN: {
    example: "tunnel.localhost",
    what: "Domain of the HTTP edge: every HTTP tunnel has a name below it, so *.<domain> must lead to the relay. Neither the dashboard's host nor a parent of it.",
    ifWrong: "Names of tunnels lead nowhere.",
  },
  CULVERT_AGENT_IMAGE: {
    example: "registry.example.com/culvert-agent:0.1.0",
    what: "The agent's container image, as clusters pull it. Default: culvert-agent:<version>, which is in no registry.",
    ifWrong: "Agents that are installed by the dashboard's commands do not start.",
  },
  CULVERT_ADMIN_EMAIL: {
    example: "",
    what: "Creates the first administrator without the set-up page; needs CULVERT_ADMIN_PASSWORD.",
    ifWrong: "The first administrator has an address nobody knows.",
  },
  CULVERT_ADMIN_PASSWORD: {
    example: "",
    what: "The first administrator's password, 10 to 128 characters. Ignored once a person exists.",
    ifWrong: "The server does not start.",
  },
  CULVERT_SECRET: {
    example: "",
    what: "Signs sessions. Default: generated once into the data directory, mode 0600.",
    ifWrong: "A changed secret signs everybody out.",
  },
  CULVERT_RELAY_PROCESSES: {
    example: "1",
    what: "How many relay processes run; auto = one per core.",
    ifWrong: "Too many cost memory, too few cost throughput.",
  },
  CULVERT_LOG_LEVEL: {
    example: "info",
    what: "fatal, error, warn, info, debug, trace or silent.",
    ifWrong: "The log drowns you, or says nothing.",
  },
  CULVERT_LOG_FORMAT: {
    example: "json",
    what: "text or json. Default: text on a terminal, else JSON.",
    ifWrong: "Collectors get lines they cannot read.",
  },
};
