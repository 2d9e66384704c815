/** A name in a listing: of an object, or with a delimiter of what begins alike up to it. */
export interface ListedName {
  readonly name: string;
  readonly isPrefix: boolean;
}

export interface Listing {
  readonly prefix: string;
  /** Empty for none. */
  readonly delimiter: string;
  /** Only names behind this one, in the order of their bytes. */
  readonly after: string;
}

/** Names in the order of their bytes, as the listings of all clouds have them. */
export function listedNames(names: Iterable<string>, { prefix, delimiter, after }: Listing): readonly ListedName[] {
  const found = new Map<string, ListedName>();
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const end = delimiter === "" ? -1 : name.indexOf(delimiter, prefix.length);
    const shown = end === -1 ? name : name.slice(0, end + delimiter.length);
    found.set(shown, { name: shown, isPrefix: end !== -1 });
  }
  const rank = (name: string): Buffer => Buffer.from(name);
  return [...found.values()]
    .filter(({ name }) => Buffer.compare(rank(name), rank(after)) > 0)
    .toSorted((a, b) => Buffer.compare(rank(a.name), rank(b.name)));
}
