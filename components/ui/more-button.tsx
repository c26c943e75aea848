"use client";

import { Button } from "./button.tsx";

interface MoreButtonProps {
  /** Items that are not shown yet; nothing is drawn when there are none. */
  readonly count: number;
  readonly onShow: () => void;
}

/** `12 more` below a list that shows its first items only. */
export function MoreButton({ count, onShow }: MoreButtonProps) {
  if (count <= 0) return null;
  return (
    <div className="flex justify-center border-t border-line py-2">
      <Button variant="ghost" size="sm" onClick={onShow}>
        {count} more
      </Button>
    </div>
  );
}
