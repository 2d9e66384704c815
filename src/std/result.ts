/** An answer about text where "no" is an answer, not a failure of the world. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): Result<T, never> {
  return { ok: true, value };
}

export function no<E>(error: E): Result<never, E> {
  return { ok: false, error };
}
