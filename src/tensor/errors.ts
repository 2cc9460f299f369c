/** Names of the errors that jetgrad raises on purpose; each carries a stable `code`. */
export type ErrorCode = 'INPUT' | 'SHAPE' | 'UNSUPPORTED_OPERATION';

/**
 * What the caller gave cannot be used: a wrong argument, a broken file, a value out of range.
 * @example
 * let code = '';
 * try {
 *   power(tensor(2), Number.NaN);
 * } catch (error) {
 *   if (error instanceof InputError) code = error.code;
 * }
 * code // 'INPUT'
 */
export class InputError extends Error {
  readonly code: ErrorCode = 'INPUT';
  override readonly name: string = 'InputError';
}

/**
 * Shapes that do not fit together; raised before any arithmetic.
 * @example
 * let caught: unknown;
 * try {
 *   add(tensor([1, 2]), tensor([1, 2, 3]));
 * } catch (error) {
 *   caught = error;
 * }
 * caught instanceof ShapeError // true
 */
export class ShapeError extends InputError {
  override readonly code = 'SHAPE';
  override readonly name = 'ShapeError';
}

/**
 * Operations that jetgrad has no rule for; `operations` lists all of them.
 * @example
 * new UnsupportedOperationError('Cannot run the model: it uses Foo', ['Foo']).operations // ['Foo']
 */
export class UnsupportedOperationError extends InputError {
  override readonly code = 'UNSUPPORTED_OPERATION';
  override readonly name = 'UnsupportedOperationError';
  readonly operations: readonly string[];

  constructor(message: string, operations: readonly string[]) {
    super(message);
    this.operations = operations;
  }
}
