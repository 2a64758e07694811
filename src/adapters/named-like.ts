/** Frameworks look at how many parameters a function has, and people at its name in a stack. */
export function namedLike<F extends object>(
  wrapper: F,
  original: { readonly name: string; readonly length: number },
): F {
  const { name, length } = original;
  return Object.defineProperties(wrapper, {
    name: { value: name, configurable: true },
    length: { value: length, configurable: true },
  });
}
