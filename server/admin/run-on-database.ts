import { COMMAND_LINE_ACTOR } from "#server/services/actor.ts";
import { createApiKey } from "#server/services/api-keys/create-api-key.ts";
import { createCluster } from "#server/services/clusters/create-cluster.ts";
import { createSignInLink } from "#server/services/one-time-links/create-link.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { createUser } from "#server/services/users/create-user.ts";
import type { ADMIN_COMMANDS, AdminCommandName, AdminOutput } from "./admin-commands.ts";
import type { z } from "zod";

export type AdminContext = ServiceContext;

type Parsed<N extends AdminCommandName> = z.output<(typeof ADMIN_COMMANDS)[N]["input"]>;

type Runners = {
  readonly [N in AdminCommandName]: (
    context: AdminContext,
    input: Parsed<N>,
  ) => Promise<AdminOutput<N>>;
};

const RUNNERS: Runners = {
  "create-user": async (context, { email, name, role, password }) => {
    const { id } = await createUser(context, COMMAND_LINE_ACTOR, {
      email,
      name: name ?? email,
      role,
      password,
    });
    return { userId: id, email, role };
  },
  "create-api-key": async (context, input) => {
    const { key } = await createApiKey(context, COMMAND_LINE_ACTOR, input);
    return { key };
  },
  "create-cluster": async (context, input) => {
    const { cluster, token } = await createCluster(context, COMMAND_LINE_ACTOR, input);
    return { clusterId: cluster.id, token };
  },
  "sign-in-link": async (context, input) => {
    return { url: await createSignInLink(context, COMMAND_LINE_ACTOR, input) };
  },
};

/** Does what a command asks for, with the services; `input` is parsed. */
export async function runAdmin<N extends AdminCommandName>(
  context: AdminContext,
  name: N,
  input: Parsed<N>,
): Promise<AdminOutput<N>> {
  return await RUNNERS[name](context, input);
}
