"use client";

import type { ReactNode } from "react";
import { useSearchParam } from "#components/lib/use-search-param.ts";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { CodeLine } from "#components/ui/code-line.tsx";
import { Input } from "#components/ui/input.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import type { EndpointDto, TunnelDto } from "#protocol/api/tunnels.ts";
import { connectionKit, type ConnectionKit, type KitLogin } from "./connection-kit.ts";
import { httpKit } from "./http-kit.ts";
import { endpointsInForce } from "./tunnel-endpoints.ts";
import { MODES } from "./tunnel-words.ts";
import { useKitLogin } from "./use-kit-login.ts";

const PASSWORDS = "Passwords are never part of a copied line.";

/** How to connect to it, ready to copy. */
export function ConnectionKitCard({ tunnel }: { readonly tunnel: TunnelDto }) {
  const endpoints = endpointsInForce(tunnel);
  const [chosen, setChosen] = useSearchParam("endpoint", "");
  const endpoint = endpoints.find(({ kind }) => kind === chosen) ?? endpoints[0];
  if (endpoint === undefined) {
    return (
      <Card>
        <CardHeader title="Connect" />
        <CardBody>
          <p className="text-sm text-muted">
            The commands to connect appear here as soon as the tunnel is published.
          </p>
        </CardBody>
      </Card>
    );
  }
  return (
    <Kit
      tunnel={tunnel}
      endpoint={endpoint}
      choice={
        endpoints.length > 1 && (
          <Segmented
            label="Endpoint to use"
            size="sm"
            isWide
            value={endpoint.kind}
            options={endpoints.map(({ kind }) => ({
              value: kind,
              label: kind === "direct" ? "Direct address" : "Through the relay",
              icon: MODES[kind === "direct" ? "direct" : "tunnel"].icon,
            }))}
            onChange={(kind) => setChosen(kind === endpoints[0]?.kind ? "" : kind)}
          />
        )
      }
    />
  );
}

interface KitProps {
  readonly tunnel: TunnelDto;
  readonly endpoint: EndpointDto;
  /** Which endpoint the lines name, where there is more than one. */
  readonly choice: ReactNode;
}

function Kit({ tunnel, endpoint, choice }: KitProps) {
  const [tab, setTab] = useSearchParam("connect", "");
  const [login, setLogin] = useKitLogin(tunnel.id);
  const kit =
    tunnel.http !== null && endpoint.kind === "edge"
      ? httpKit(tunnel, tunnel.http)
      : connectionKit(tunnel, endpoint.address, login);
  const [first] = kit.lines;
  const open = kit.lines.find(({ id }) => id === tab) ?? first;
  return (
    <Card label="How to connect">
      <h2 className="sr-only">How to connect</h2>
      <Tabs
        label="Ways to connect"
        look="card"
        value={open?.id ?? ""}
        onChange={(id) => setTab(id === first?.id ? "" : id)}
        tabs={kit.lines.map(({ id, label, text, note }) => ({
          value: id,
          label,
          content: (
            <div className="flex flex-col gap-2.5">
              {choice}
              <CodeLine text={text} what={`${label} line`} />
              {id !== "address" && (
                <LoginFields asks={kit.asks} login={login} onChange={setLogin} />
              )}
              <p className="text-xs text-muted">
                {[
                  id === "address" ? "" : toFillIn(kit, login),
                  detection(kit),
                  note,
                  Object.keys(kit.asks).length === 0 ? "" : PASSWORDS,
                ]
                  .filter((sentence) => sentence !== undefined && sentence !== "")
                  .join(" ")}
              </p>
            </div>
          ),
        }))}
      />
    </Card>
  );
}

interface LoginFieldsProps {
  readonly asks: Partial<KitLogin>;
  readonly login: KitLogin;
  readonly onChange: (login: KitLogin) => void;
}

/** The names that stand in the lines. */
function LoginFields({ asks, login, onChange }: LoginFieldsProps) {
  const fields = (["user", "database"] as const).filter((name) => asks[name] !== undefined);
  if (fields.length === 0) return null;
  return (
    <div className="flex gap-2">
      {fields.map((name) => (
        <label key={name} className="min-w-0 flex-1 text-xs text-muted">
          {name === "user" ? "User" : "Database"}
          <Input
            value={login[name]}
            placeholder={asks[name]}
            maxLength={63}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => onChange({ ...login, [name]: event.target.value.trim() })}
            className="mono mt-1"
          />
        </label>
      ))}
    </div>
  );
}

/** A guessed user is only a guess: says so until a person has put in their own. */
function toFillIn({ asks }: ConnectionKit, login: KitLogin): string {
  const missing = (["user", "database"] as const).filter(
    (name) => asks[name] !== undefined && login[name] === "",
  );
  if (missing.length === 0) return "";
  return `Put your own ${missing.join(" and ")} above; the service asks for its own password.`;
}

function detection({ service, detectedBy }: ConnectionKit): string {
  return service === null || detectedBy === null
    ? ""
    : `Detected as ${service} from its ${detectedBy}.`;
}
