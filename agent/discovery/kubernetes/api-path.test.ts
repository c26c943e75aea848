import { expect, it } from "vitest";
import { collectionPath, resourceOf } from "./api-path.ts";

it.each([
  ["/version", "version"],
  ["/api/v1/namespaces", "namespaces"],
  ["/api/v1/namespaces/shop", "namespaces"],
  ["/api/v1/namespaces/shop/pods", "pods"],
  ["/apis/apps/v1/namespaces/shop/deployments/web/status", "deployments"],
  ["/apis/gateway.networking.k8s.io/v1/gateways", "gateways"],
  ["/apis/gateway.networking.k8s.io", "api groups"],
])("%s is about %s", (path, resource) => {
  expect(resourceOf(path)).toBe(resource);
});

it("makes paths of collections, across all namespaces and in one", () => {
  expect(collectionPath("", "v1", "services", null)).toBe("/api/v1/services");
  expect(collectionPath("discovery.k8s.io", "v1", "endpointslices", "shop")).toBe(
    "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices",
  );
});
