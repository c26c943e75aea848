import { SearchX } from "lucide-react";
import { Page } from "#components/layout/page-header.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";

export default function NotFoundPage() {
  return (
    <Page>
      <h1 className="sr-only">Not found</h1>
      <Card>
        <EmptyState
          icon={SearchX}
          title="There is nothing here"
          action={<ButtonLink href="/">Go to the overview</ButtonLink>}
        >
          The address is wrong, or what was here was removed.
        </EmptyState>
      </Card>
    </Page>
  );
}
