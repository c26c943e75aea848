"use client";

import { useState } from "react";
import { CodeLine } from "#components/ui/code-line.tsx";
import { Field, Input } from "#components/ui/input.tsx";
import { agentCommand, nameProblem, parseHostPort } from "./agent-command.ts";

interface PlainHostProps {
  readonly publicUrl: string;
  readonly token: string;
}

/** What to publish, and the one command that does it. */
export function PlainHost({ publicUrl, token }: PlainHostProps) {
  const [name, setName] = useState("postgres");
  const [address, setAddress] = useState("localhost:5432");
  const target = parseHostPort(address);
  const problem = nameProblem(name);
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Service to publish" error={problem}>
          {(control) => (
            <Input
              {...control}
              value={name}
              spellCheck={false}
              autoComplete="off"
              className="font-mono"
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field
          label="Its address, as that machine sees it"
          error={target === null ? "Write it as host:port, for example localhost:5432." : null}
        >
          {(control) => (
            <Input
              {...control}
              value={address}
              spellCheck={false}
              autoComplete="off"
              className="font-mono"
              onChange={(event) => setAddress(event.target.value)}
            />
          )}
        </Field>
      </div>
      <div className="flex flex-col gap-1.5">
        <p className="text-sm">
          Run this on a machine that reaches the service. It needs Node.js 20 or newer and an
          outbound connection, nothing else.
        </p>
        {target !== null && problem === null && (
          <CodeLine
            what="command"
            text={agentCommand({ publicUrl, token, expose: { name, ...target } })}
          />
        )}
      </div>
    </div>
  );
}
