/**
 * Takes out of a library's error what was sent: that is the data key. Google's keeps it in `config`, also below
 * `response`, Azure's in `request`.
 */
export function forgetRequest(thrown: unknown): void {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth += 1) {
    const response = field(at, "response");
    for (const holder of [at, response])
      for (const name of ["config", "request"])
        for (const content of ["body", "data"]) forget(field(holder, name), content);
  }
}

function field(holder: unknown, name: string): unknown {
  return typeof holder === "object" && holder !== null ? Reflect.get(holder, name) : undefined;
}

function forget(holder: unknown, name: string): void {
  if (typeof holder === "object" && holder !== null && Reflect.has(holder, name)) Reflect.deleteProperty(holder, name);
}
