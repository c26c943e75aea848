import { MemoryLink } from "../testing/memory-transport.ts";
import { describeMuxSession } from "../testing/mux-suite.ts";

describeMuxSession("memory", () => {
  const link = new MemoryLink({ isAutomatic: true });
  return { client: link.a, server: link.b, cut: () => link.cut("the test cut it") };
});

describeMuxSession("memory in odd pieces with little room", () => {
  let turn = 0;
  const chunkBytes = (): number => 1 + ((turn += 7919) % 40_009);
  const link = new MemoryLink({ isAutomatic: true, highWaterBytes: 1_000, chunkBytes });
  return { client: link.a, server: link.b, cut: () => link.cut("the test cut it") };
});
