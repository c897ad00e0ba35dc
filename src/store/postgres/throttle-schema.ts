/** Released, and never edited. */
export const THROTTLE = `
`;
