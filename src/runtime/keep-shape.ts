const exemplars: object[] = [];

/**
 * V8 forgets the shape of a class with the last object of it, and throws away all code that was optimised for it. A
 * collection in a quiet moment would so leave the next burst with cold code. One exemplar keeps the shape.
 */
export function keepShape(exemplar: object): void {
  exemplars.push(exemplar);
}
