import { PAGE_LIMIT_MAX, type Page } from "#protocol/api/common.ts";

/** A whole list, or its beginning where it is longer than the page's memory allows. */
export interface WholeList<T> {
  readonly items: readonly T[];
  readonly isTruncated: boolean;
}

/** Follows a list from page to page, up to a bound. */
export async function fetchAllPages<T>(
  itemsMax: number,
  fetchPage: (cursor: string | null, limit: number) => Promise<Page<T>>,
): Promise<WholeList<T>> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await fetchPage(cursor, PAGE_LIMIT_MAX);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && items.length < itemsMax);
  return {
    items: items.slice(0, itemsMax),
    isTruncated: cursor !== null || items.length > itemsMax,
  };
}
