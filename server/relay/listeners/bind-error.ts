/** Says in plain words why a port could not be bound. */
export function describeBindError(error: unknown, port: number): string {
  const code = codeOf(error);
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} is in use by another program on the relay's machine.`;
    case "EACCES":
      return `The relay may not bind port ${port}: the operating system refuses it (ports below 1024 need a privilege).`;
    case "EADDRNOTAVAIL":
      return `The address that relay ports are bound to (CULVERT_RELAY_BIND) is not this machine's.`;
    case "EMFILE":
    case "ENFILE":
      return `Port ${port} cannot be opened: the relay has no file handle left.`;
    default:
      return `Port ${port} cannot be opened (${code ?? "unknown error"}).`;
  }
}

function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}
