// Lists, page by page.

/** The items of a page's body. */
export type ItemOf<Body> = Body extends { items: (infer Item)[] } ? Item : never;

type Cursor = string | number | undefined;

/** Each page, from the one at `cursor` to the last. */
export async function* pagesOf<Page>(
  read: (cursor: Cursor) => Promise<Page>,
  cursor: Cursor,
): AsyncGenerator<Page, void, undefined> {
  for (;;) {
    const page = await read(cursor);
    yield page;
    const { nextCursor } = page as { nextCursor: string | number | null };
    if (nextCursor === null) return;
    cursor = nextCursor;
  }
}
