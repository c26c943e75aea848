"use client";

import { useMemo, useState } from "react";
import { holdOrder } from "./held-order.ts";

interface HeldRows<T> {
  readonly rows: readonly T[];
  readonly newCount: number;
  readonly showNew: () => void;
}

interface HeldRowsOptions<T> {
  /** As they should stand. */
  readonly rows: readonly T[];
  /** The pointer is over them, or some are selected. */
  readonly isHeld: boolean;
  /** What the person chose: filter and sort. A change of it is shown at once, held or not. */
  readonly choice: string;
}

interface Shown {
  readonly ids: readonly string[];
  readonly choice: string;
}

/** Rows in an order that does not change under the pointer. */
export function useHeldRows<T extends { readonly id: string }>(
  options: HeldRowsOptions<T>,
): HeldRows<T> {
  const { rows, isHeld, choice } = options;
  const wanted = useMemo(() => rows.map(({ id }) => id), [rows]);
  const [shown, setShown] = useState<Shown>({ ids: wanted, choice });
  const isFollowing = !isHeld || shown.choice !== choice;
  // Rendering follows the rows at once; state only remembers where they stood when held.
  if (isFollowing && (shown.ids !== wanted || shown.choice !== choice)) {
    setShown({ ids: wanted, choice });
  }
  const held = useMemo(
    () => (isFollowing ? { ids: wanted, newCount: 0 } : holdOrder(shown.ids, wanted)),
    [isFollowing, shown.ids, wanted],
  );
  const inOrder = useMemo(() => {
    if (isFollowing) return rows;
    const byId = new Map(rows.map((row) => [row.id, row]));
    return held.ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
  }, [isFollowing, rows, held.ids]);
  return {
    rows: inOrder,
    newCount: held.newCount,
    showNew: () => setShown({ ids: wanted, choice }),
  };
}
