/** Released, and never edited. */
export const SYNC = `
`;
