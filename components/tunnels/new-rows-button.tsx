"use client";

import { ArrowDown } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { Icon } from "#components/ui/icon.tsx";

interface NewRowsButtonProps {
  readonly count: number;
  readonly onShow: () => void;
}

/** Says how many rows wait. It floats over the rows' head, so that it moves nothing under the pointer either. */
export function NewRowsButton({ count, onShow }: NewRowsButtonProps) {
  if (count === 0) return null;
  return (
    <div className="pointer-events-none relative z-20 h-0">
      <div className="flex justify-center pt-[3px]">
        <Button
          size="sm"
          className="pointer-events-auto animate-fade rounded-full shadow-float"
          onClick={onShow}
        >
          <Icon icon={ArrowDown} size={12} />
          {count} new
        </Button>
      </div>
    </div>
  );
}
