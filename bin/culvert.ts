#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import packageJson from "../package.json" with { type: "json" };

const EXIT_USAGE = 2;
const ROLES = ["admin", "operator", "viewer"] as const;
type RoleName = (typeof ROLES)[number];

/** What a command ends with; set by its action. */
let exitCode = 0;

function addAgentCommand(program: Command): void {
  const agent = program
    .command("agent")
    .summary("run an agent beside the services it publishes")
    .allowUnknownOption()
    .helpOption(false)
    .argument("[options...]")
    .action(async (_options: readonly string[], _given: unknown, command: Command) => {
      const { agentCommand } = await import("#agent/cli.ts");
      exitCode = await agentCommand(command.args, process.env);
    });
  agent.passThroughOptions();
}

function buildProgram(): Command {
  const program = new Command("culvert")
    .description(packageJson.description)
    .version(packageJson.version, "-v, --version", "print the version")
    .helpOption("-h, --help", "print this text")
    .enablePositionalOptions()
    .showHelpAfterError("(add --help for what there is)")
    .exitOverride();

  program
    .command("server")
    .summary("run the control plane: dashboard, API, relay")
    .description(
      "Runs the control plane: dashboard and API, and the relay that carries the traffic.\n" +
        "Configured by environment variables; .env.example lists them.",
    )
    .addOption(new Option("--dev", "compile pages when they are asked for").hideHelp())
    .addHelpText("after", examples("culvert server", "CULVERT_PORT=8000 culvert server"))
    .action(async (options: { readonly dev?: boolean }) => {
      const { serverCommand } = await import("./server-command.ts");
      exitCode = await serverCommand({ env: process.env, isDev: options.dev === true });
    });

  addAgentCommand(program);

  program
    .command("demo")
    .summary("run everything, with demo services to look at")
    .allowUnknownOption()
    .helpOption(false)
    .passThroughOptions()
    .argument("[options...]")
    .action(async (_options: readonly string[], _given: unknown, command: Command) => {
      const { demoCommand } = await import("#demo/main.ts");
      exitCode = await demoCommand(command.args, process.env);
    });

  addAdminCommands(program);
  return program;
}

function addAdminCommands(program: Command): void {
  const admin = program
    .command("admin")
    .summary("set up people, keys and clusters from this machine's terminal")
    .description(
      "Talks to the running server over its private socket, and opens the database itself when none runs.",
    );

  admin
    .command("create-user")
    .description("Creates a person. The password is asked for, or read from standard input.")
    .requiredOption("--email <email>", "e-mail address to sign in with")
    .option("--name <name>", "name to show; the e-mail address by default")
    .addOption(roleOption())
    .addHelpText(
      "after",
      examples('printf %s "$PASSWORD" | culvert admin create-user --email ops@example.com'),
    )
    .action(
      async (options: {
        readonly email: string;
        readonly name?: string;
        readonly role: RoleName;
      }) => {
        const { createUserCommand } = await import("#server/admin/run-admin.ts");
        exitCode = await createUserCommand(process.env, options);
      },
    );

  admin
    .command("create-api-key")
    .description("Creates an API key and prints it alone, once.")
    .requiredOption("--name <name>", "what the key is for")
    .addOption(roleOption())
    .addHelpText("after", examples("culvert admin create-api-key --name ci --role operator"))
    .action(async (options: { readonly name: string; readonly role: RoleName }) => {
      const { createApiKeyCommand } = await import("#server/admin/run-admin.ts");
      exitCode = await createApiKeyCommand(process.env, options);
    });

  admin
    .command("create-cluster")
    .description('Creates a cluster and prints {"clusterId":"cl_…","token":"…"} alone, once.')
    .requiredOption("--name <name>", "name of the cluster")
    .addHelpText("after", examples("culvert admin create-cluster --name home-lab"))
    .action(async (options: { readonly name: string }) => {
      const { createClusterCommand } = await import("#server/admin/run-admin.ts");
      exitCode = await createClusterCommand(process.env, options);
    });

  admin
    .command("sign-in-link")
    .description(
      "Prints a link that signs in once: as the person named, or the first administrator.",
    )
    .option("--email <email>", "e-mail address of the person")
    .addHelpText("after", examples("culvert admin sign-in-link --email ops@example.com"))
    .action(async (options: { readonly email?: string }) => {
      const { signInLinkCommand } = await import("#server/admin/run-admin.ts");
      exitCode = await signInLinkCommand(process.env, options);
    });
}

function roleOption(): Option {
  return new Option("--role <role>", "admin, operator or viewer")
    .default("admin")
    .argParser((value): RoleName => {
      const role = ROLES.find((name) => name === value);
      if (role === undefined) throw new InvalidArgumentError(`Choose one of ${ROLES.join(", ")}.`);
      return role;
    });
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

async function main(): Promise<number> {
  try {
    await buildProgram().parseAsync(process.argv);
    return exitCode;
  } catch (error) {
    // Commander has printed its text already; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    throw error;
  }
}

process.exitCode = await main();
