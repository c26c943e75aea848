import type { NextConfig } from "next";

const headers = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), geolocation=(), microphone=()" },
];

const config: NextConfig = {
  // Several development servers may share one checkout, each with its own output.
  distDir: process.env["NEXT_DIST_DIR"] ?? ".next",
  reactStrictMode: true,
  poweredByHeader: false,
  // The front door compresses nothing; the web process does.
  compress: true,
  devIndicators: false,
  allowedDevOrigins: ["127.0.0.1", "localhost"],
  // `npm run typecheck` is the one type check; a second one here would only slow the first start.
  typescript: {
    ignoreBuildErrors: true,
    tsconfigPath: process.env["NEXT_TSCONFIG"] ?? "tsconfig.json",
  },
  // Built by the web process and reached through the runtime slot: never bundled.
  serverExternalPackages: [
    "@libsql/client",
    "@prisma/adapter-libsql",
    "@prisma/client",
    "@prisma/schema-engine-wasm",
    "better-auth",
    "libsql",
    "pino",
    "socket.io",
    "ws",
  ],
  headers: async () => [{ source: "/:path*", headers }],
};

export default config;
