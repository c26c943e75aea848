import {
  HTTP_ROUTING_LIMITS,
  type HttpRouting,
  type HttpRule,
} from "#protocol/control/http-routing.ts";
import type { DiscoveryProblem } from "../../discovery.ts";
import type { BuiltRules } from "./build-rules.ts";

/** Of all rules of one listener as JSON, so that one of them cannot fill the whole report. A choice. */
const CHARACTERS_MAX = 512 * 1024;

interface RoutingParts {
  readonly listener: { readonly name: string; readonly protocol: string };
  readonly isServedByGateway: boolean;
}

/**
 * What a listener does with requests, within the bounds of the wire.
 *
 * @param built of its routes, the oldest first: where there is too much, the newest give way.
 */
export function buildRouting(
  { listener, isServedByGateway }: RoutingParts,
  built: readonly BuiltRules[],
): { readonly routing: HttpRouting; readonly problems: readonly DiscoveryProblem[] } {
  const rules: HttpRule[] = [];
  const problems: DiscoveryProblem[] = [];
  let characters = 0;
  for (const route of built) {
    problems.push(...route.problems);
    for (const rule of route.rules) {
      const length = JSON.stringify(rule).length;
      if (rules.length === HTTP_ROUTING_LIMITS.rules || characters + length > CHARACTERS_MAX) {
        const reason = `Listener ${listener.name} has as many rules as it can: what this route says is left out from here on.`;
        problems.push({ where: rule.route, reason });
        break;
      }
      characters += length;
      rules.push(rule);
    }
  }
  const isTls = isServedByGateway && listener.protocol === "HTTPS";
  return { routing: { isThroughGateway: isServedByGateway, isTls, rules }, problems };
}
