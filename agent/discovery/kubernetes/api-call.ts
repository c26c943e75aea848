export type Query = Readonly<Record<string, string | number | boolean>>;

export interface ApiCall {
  readonly verb: "get" | "list" | "watch" | "create" | "patch";
  /** Without namespaces and names: `gateways`, `pods`; `version`. */
  readonly resource: string;
}

/** One call that ended. `status` is 0 when there was no answer. */
export interface CallReport extends ApiCall {
  readonly status: number;
}

/** The plain sentence for an answer that is no success. */
export function describeStatus(status: number, { verb, resource }: ApiCall): string {
  switch (status) {
    case 401:
      return "The API server does not accept the agent's credentials.";
    case 403:
      return `The agent may not ${verb} ${resource}.`;
    case 404:
      return `The API server does not know ${resource}.`;
    case 410:
      return `The API server no longer has the history of ${resource} that was asked for.`;
    case 429:
      return "The API server has too much to do and asks to wait.";
    default:
      return `The API server answered ${status} to ${verb} ${resource}.`;
  }
}
