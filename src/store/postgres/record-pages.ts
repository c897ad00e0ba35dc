/** A page that is read ends with the row that fills one of these: rows, and bytes of JSON. */
export const PAGE_ROWS = 250;
export const PAGE_CHARACTERS = 1_000_000;
