import { describe, expect, it } from "vitest";
import { DialRules } from "./dial-rules.ts";
import { NameBook } from "./name-book.ts";

const OWN_PORT = 3_000;

function setup(
  directCidrs: readonly string[] = [],
  interfaceAddresses = () => ["10.0.0.1", "2001:db8::1", "1.2.3.4", "2a00::7"],
) {
  const names = new NameBook({
    lookUp: (name) => Promise.resolve(name === "culvert.example.com" ? ["203.0.113.9"] : []),
    nowMs: () => 0,
  });
  return new DialRules({
    directCidrs,
    ownHosts: ["culvert.example.com", "198.51.100.1"],
    isOwnPort: (port) => port === OWN_PORT,
    names,
    nowMs: () => 0,
    interfaceAddresses,
  });
}

describe("what the relay may dial for a direct endpoint", () => {
  it.each(["1.1.1.1", "2606:4700::1111"])("lets it dial %s", async (address) => {
    expect(await setup().findObjection(address, 5432)).toBeNull();
  });

  it.each([
    "127.0.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "169.254.169.254",
    "169.254.1.1",
    "100.100.100.200",
    "168.63.129.16",
    "fd00:ec2::254",
    "fe80::1",
    "10.1.2.3",
    "192.168.1.1",
    "0.0.0.0",
    "224.0.0.1",
    "localhost",
  ])("never lets it dial %s by itself", async (address) => {
    expect(await setup().findObjection(address, 5432)).not.toBeNull();
  });

  it.each([
    ["10.1.2.3", true],
    ["127.0.0.77", true],
    ["169.254.169.254", false],
    ["169.254.1.1", false],
    ["100.100.100.200", false],
    ["0.0.0.0", false],
  ])("%s when everything is listed: %s", async (address, isAllowed) => {
    const objection = await setup(["0.0.0.0/0"]).findObjection(address, 5432);
    expect(objection === null).toBe(isAllowed);
  });

  it.each(["10.0.0.1", "127.0.0.1", "127.9.9.9", "203.0.113.9", "198.51.100.1"])(
    "never lets it dial itself at %s, under whatever name it is known",
    async (address) => {
      const rules = setup(["0.0.0.0/0"]);
      expect(await rules.findObjection(address, OWN_PORT)).toContain("a listener of this server");
      expect(await rules.findObjection(address, 5432)).toBeNull();
    },
  );

  it.each([
    "1.2.3.4",
    "::ffff:1.2.3.4",
    "::ffff:102:304",
    "64:ff9b::1.2.3.4",
    "2002:102:304::1",
    "2a00::7",
    "2a00:0:0::7",
  ])(
    "never lets it dial this machine at %s, whatever the port, unless it is listed",
    async (own) => {
      expect(await setup().findObjection(own, 22)).toContain("this server's own address");
      expect(await setup().findObjection(own, OWN_PORT)).toContain("a listener of this server");
      const listed = setup(["1.2.3.4", "64:ff9b::/96", "2002::/16", "2a00::7"]);
      expect(await listed.findObjection(own, 22)).toBeNull();
      expect(await listed.findObjection(own, OWN_PORT)).toContain("a listener of this server");
    },
  );

  it.each(["64:ff9b::203.0.113.9", "2002:cb00:7109::1"])(
    "knows its public names behind a translator, too: %s",
    async (address) => {
      expect(await setup(["0.0.0.0/0", "::/0"]).findObjection(address, OWN_PORT)).not.toBeNull();
    },
  );

  it("dials nothing while it cannot tell its own addresses, and goes by those it knew", async () => {
    let nowMs = 0;
    let isBroken = true;
    const rules = new DialRules({
      directCidrs: [],
      ownHosts: [],
      isOwnPort: () => false,
      names: new NameBook({ lookUp: () => Promise.resolve([]), nowMs: () => nowMs }),
      nowMs: () => nowMs,
      interfaceAddresses: () => {
        if (isBroken) throw new Error("EMFILE");
        return ["1.2.3.4"];
      },
    });
    expect(await rules.findObjection("1.1.1.1", 22)).toContain("could not be told");
    isBroken = false;
    expect(await rules.findObjection("1.1.1.1", 22)).toBeNull();
    isBroken = true;
    nowMs += 60_000;
    expect(await rules.findObjection("1.1.1.1", 22)).toBeNull();
    expect(await rules.findObjection("1.2.3.4", 22)).not.toBeNull();
  });

  it("knows itself in IPv6 and in IPv6 notation, too", async () => {
    const rules = setup(["0.0.0.0/0", "::/0"]);
    expect(await rules.findObjection("2001:db8:0::1", OWN_PORT)).not.toBeNull();
    expect(await rules.findObjection("::ffff:10.0.0.1", OWN_PORT)).not.toBeNull();
    expect(await rules.findObjection("2001:db8::2", OWN_PORT)).toBeNull();
  });
});
