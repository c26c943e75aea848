import { describe, expect, it } from "vitest";
import { toTrailers } from "./to-trailers.ts";

describe("trailers that are passed on", () => {
  it("are those of gRPC and of services' own, in their order and spelling", () => {
    const raw = ["grpc-status", "0", "Grpc-Message", "", "X-Sum", "1", "X-Sum", "2"];
    expect(toTrailers(raw)).toEqual(raw);
  });

  it.each([
    "Content-Length",
    "transfer-encoding",
    "Host",
    "Connection",
    "HTTP2-Settings",
    "TE",
    "Trailer",
    "Upgrade",
    "X-Forwarded-For",
    "X_Forwarded_For",
    "Forwarded",
    "X-Request-Id",
    "Culvert-Error",
    ":status",
  ])("are not %s", (name) => {
    expect(toTrailers(["a", "1", name, "x", "b", "2"])).toEqual(["a", "1", "b", "2"]);
  });
});
