// Names of user metadata on Azure are identifiers of C#: a dash is written `_`, as Azure's own copying tool does.

/** Metadata as Azure takes it. */
export function azureMetadata(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [name.toLowerCase().replaceAll("-", "_"), value]),
  );
}

/** Metadata as it was put. */
export function plainMetadata(
  metadata: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name.toLowerCase().replaceAll("_", "-"), value]),
  );
}
