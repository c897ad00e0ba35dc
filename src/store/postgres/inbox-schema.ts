/** Released, and never edited. */
export const INBOX = `
`;
