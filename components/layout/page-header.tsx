import { Children, Fragment, type ReactNode } from "react";

interface PageHeaderProps {
  readonly title: ReactNode;
  /** Chips beside the title. */
  readonly chips?: ReactNode;
  /** Facts below the title. */
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** The head of a page: the only h1. */
export function PageHeader({ title, chips, children, actions }: PageHeaderProps) {
  return (
    <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1.5">
          <h1 className="min-w-0 break-words">{title}</h1>
          {chips}
        </div>
        {children !== undefined && <div className="mt-1 text-muted">{children}</div>}
      </div>
      {actions !== undefined && (
        <div className="flex flex-wrap items-center gap-2 max-md:w-full md:ml-auto">{actions}</div>
      )}
    </div>
  );
}

/** Facts in a row with dots between. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
      {Children.toArray(children).map((child, index) => (
        <Fragment key={index}>
          {index > 0 && (
            <span aria-hidden="true" className="text-faint">
              ·
            </span>
          )}
          {child}
        </Fragment>
      ))}
    </div>
  );
}

interface PageProps {
  readonly children: ReactNode;
  /** `wide` for pages that are one table. */
  readonly width?: "normal" | "wide";
}

/** The column that holds a page. */
export function Page({ children, width = "normal" }: PageProps) {
  return (
    <div
      className={`mx-auto flex w-full flex-col gap-5 px-4 pb-24 pt-5 md:px-7 md:pb-12 md:pt-6 ${width === "wide" ? "" : "max-w-[1280px]"}`}
    >
      {children}
    </div>
  );
}
