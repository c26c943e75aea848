import type { HttpRouting, HttpRule } from "#protocol/control/http-routing.ts";
import type { InventoryListener } from "#protocol/control/inventory.ts";
import type { DiscoverySnapshot } from "../../../discovery.ts";
import type { RulesOptions } from "../../build-snapshot.ts";
import { gateway, look, onlyListener, route, service, slice } from "../../testing/objects.ts";

/** Key of the listener that these objects make. */
export const WEB_KEY = "shop/edge/http/80/";

export const webGateway = (hostname?: string): object =>
  gateway({ listeners: [{ name: "web", port: 80, protocol: "HTTP", hostname }] });

/** A Service `name` with a ready endpoint; routes find it at port 80. */
export const web = (name: string, parts: { namespace?: string; appProtocol?: string } = {}) => {
  const { namespace = "shop", appProtocol } = parts;
  return [
    service({ name, namespace, spec: { ports: [{ name: "http", port: 80, appProtocol }] } }),
    slice({ service: name, namespace, ports: [{ name: "http", port: 8080 }] }),
  ];
};

export const to = (name: string, parts: object = {}): object => ({ name, port: 80, ...parts });

interface WebRoute {
  readonly kind?: "HTTPRoute" | "GRPCRoute";
  readonly name?: string;
  readonly createdAt?: string;
  readonly hostnames?: readonly string[];
  readonly rules?: readonly object[];
}

/** An HTTPRoute to the Service `web`, but for what the parts say. */
export const webRoute = (parts: WebRoute = {}): object =>
  route({ kind: "HTTPRoute", name: "web", rules: [{ backendRefs: [to("web")] }], ...parts });

export interface WebLook {
  readonly snapshot: DiscoverySnapshot;
  readonly listener: InventoryListener;
  readonly routing: HttpRouting;
}

/** What becomes of objects beside a Gateway with one HTTP listener and the Service `web`. */
export function lookAtWeb(
  objects: readonly object[],
  options: Partial<RulesOptions> = {},
): WebLook {
  const snapshot = look([webGateway(), ...web("web"), ...objects], options);
  const listener = onlyListener(snapshot);
  if (listener.http === undefined) throw new Error("no routing");
  return { snapshot, listener, routing: listener.http };
}

/** The only rule of an HTTPRoute with this rule. */
export function ruleOf(rule: object, kind: "HTTPRoute" | "GRPCRoute" = "HTTPRoute"): HttpRule {
  const rules = [{ backendRefs: [to("web")], ...rule }];
  const { routing, listener } = lookAtWeb([webRoute({ kind, rules })]);
  const [only] = routing.rules;
  if (only === undefined || routing.rules.length > 1) throw new Error(JSON.stringify(listener));
  return only;
}

/** What the route of one rule is told: reason and message. */
export function verdictOf(rule: object, kind: "HTTPRoute" | "GRPCRoute" = "HTTPRoute") {
  const rules = [{ backendRefs: [to("web")], ...rule }];
  const { listener } = lookAtWeb([webRoute({ kind, rules })]);
  const [{ reason = "", message = "" } = {}] = listener.routes;
  return { reason, message, problemCode: listener.problemCode, problem: listener.problem };
}
