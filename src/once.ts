/** A function that makes its value when it is first asked and gives the same one ever after, also to those who ask meanwhile; a failure stays too. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
