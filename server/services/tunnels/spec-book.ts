import { parseTunnelSpec, type TunnelSpec } from "./tunnel-spec.ts";

interface SpecRow {
  readonly id: string;
  readonly spec: string;
}

/** Keeps parsed specs by their text: of thousands of tunnels, a few change from one reading to the next. */
export class SpecBook {
  #known: ReadonlyMap<string, { readonly text: string; readonly spec: TunnelSpec }> = new Map();

  /** @returns the spec of each of these rows. All others are forgotten. */
  parse(rows: readonly SpecRow[]): (row: SpecRow) => TunnelSpec {
    const read = new Map(
      rows.map(({ id, spec: text }) => {
        const known = this.#known.get(id);
        return [id, known?.text === text ? known : { text, spec: parseTunnelSpec(text) }];
      }),
    );
    this.#known = read;
    return (row) => read.get(row.id)?.spec ?? parseTunnelSpec(row.spec);
  }
}
