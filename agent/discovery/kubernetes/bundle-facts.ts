import { z } from "zod";
import type { KubernetesApi } from "./api-client.ts";
import { statusOf } from "./api-error.ts";
import type { BundleFacts } from "./gateway-api-status.ts";
import { GATEWAY_GROUP } from "./watched-kinds.ts";

const CRD = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gateways.${GATEWAY_GROUP}`;
const Crd = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).nullish() }),
});
const Version = z.object({ gitVersion: z.string().max(64) });

export const NO_BUNDLE: BundleFacts = { bundleVersion: null, channel: null };

/**
 * Which release of the Gateway API is installed. Not allowed to read CRDs: then nobody knows, which harms nothing.
 *
 * @returns null when the server does not say: what was known stands.
 */
export async function readBundleFacts(
  api: KubernetesApi,
  signal: AbortSignal,
): Promise<BundleFacts | null> {
  let crd: unknown;
  try {
    crd = await api.get(CRD, { signal });
  } catch (error) {
    return [403, 404].includes(statusOf(error)) ? NO_BUNDLE : null;
  }
  const parsed = Crd.safeParse(crd);
  if (!parsed.success) return NO_BUNDLE;
  const annotations = parsed.data.metadata.annotations ?? {};
  const read = (name: string): string | null =>
    annotations[`${GATEWAY_GROUP}/${name}`]?.slice(0, 64) ?? null;
  return { bundleVersion: read("bundle-version"), channel: read("channel") };
}

/** @returns null when the server does not say. */
export async function readKubernetesVersion(
  api: KubernetesApi,
  signal: AbortSignal,
): Promise<string | null> {
  const parsed = Version.safeParse(await api.get("/version", { signal }).catch(() => null));
  return parsed.success ? parsed.data.gitVersion : null;
}
