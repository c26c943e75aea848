interface ReasonProps {
  /** The Gateway API's own code, where it has one. */
  readonly code?: string | null;
  /** One plain sentence. */
  readonly text: string;
}

/** Why something is as it is: the code to look up, then the words. */
export function Reason({ code, text }: ReasonProps) {
  return (
    <span className="[overflow-wrap:anywhere]">
      {code !== null && code !== undefined && code !== "" && (
        <>
          <code className="mono rounded-[4px] bg-raised px-1 py-px text-xs text-fg">
            {code}
          </code>{" "}
        </>
      )}
      {text}
    </span>
  );
}
