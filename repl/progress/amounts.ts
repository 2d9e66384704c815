import type { Amount } from "../../src/index.ts";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** `12.4GiB`: three digits are enough to see it move. */
export function printBytes(bytes: bigint | number): string {
  let size = Number(bytes);
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)}${UNITS[unit] ?? ""}`;
}

/** `4m18s` */
export function printDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return milliseconds < 10_000 ? `${(milliseconds / 1000).toFixed(1)}s` : `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${String(seconds % 60).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m`;
}

/** What tells most of how far a job is comes first: a file may be large. */
const MEASURES = ["share", "bytes", "rows", "storedBytes", "files", "steps"] as const;

/** 0 to 1 of the first measure that has a total; undefined when nothing does: unknown is never 0. */
export function fractionOf(done: Amount, total: Amount | undefined): number | undefined {
  for (const measure of MEASURES) {
    const [part, whole] = [done[measure], total?.[measure]];
    if (part !== undefined && whole !== undefined && Number(whole) > 0)
      return Math.min(1, Number(part) / Number(whole));
  }
  return undefined;
}

/** What progress is counted in: the first measure with a total, else the first there is. */
export function measureOf(done: Amount, total: Amount | undefined): number | undefined {
  const measure =
    MEASURES.find((name) => total?.[name] !== undefined) ?? MEASURES.find((name) => done[name] !== undefined);
  return measure === undefined ? undefined : Number(done[measure] ?? 0);
}

export function totalOf(total: Amount | undefined): number | undefined {
  const measure = MEASURES.find((name) => total?.[name] !== undefined);
  return measure === undefined ? undefined : Number(total?.[measure]);
}

/** What a rate is told of, whatever the share is taken of. */
export function rateMeasureOf(done: Amount): { readonly name: keyof Amount; readonly value: number } | undefined {
  const name = (["bytes", "storedBytes", "rows"] as const).find((one) => done[one] !== undefined);
  return name === undefined ? undefined : { name, value: Number(done[name]) };
}

/** `212.4M`: four digits are enough to see it move. */
export function printCount(count: bigint | number): string {
  const value = Number(count);
  if (value < 100_000) return String(value);
  if (value < 1e6) return `${(value / 1e3).toFixed(1)}k`;
  return value < 1e9 ? `${(value / 1e6).toFixed(1)}M` : `${(value / 1e9).toFixed(2)}G`;
}

/** A fact as people read it: `stored 3.9GiB` for `stored_bytes`, `rows 512,339,014`. */
export function printFact([name, value]: readonly [string, string | number]): string {
  const isWhole = /^\d+$/.test(String(value));
  if (isWhole && /(?:^|_)bytes$|^stored$/.test(name)) {
    const what = name.replace(/_?bytes$/, "");
    return `${what === "est" ? "about " : what && `${what} `}${printBytes(BigInt(value))}`;
  }
  const said = isWhole && name === "rows" ? BigInt(value).toLocaleString("en-US") : String(value);
  return `${name.replaceAll("_", " ")} ${said}`;
}

/** `files=41/73 rows=291000000 read=12.4GiB/21.8GiB stored=3.9GiB` */
export function amountFacts(done: Amount, total: Amount | undefined): string[] {
  const facts: string[] = [];
  const of = (whole: number | bigint | undefined, print: (value: bigint | number) => string): string =>
    whole === undefined ? "" : `/${print(whole)}`;
  if (done.steps !== undefined) facts.push(`steps=${done.steps}${of(total?.steps, String)}`);
  if (done.files !== undefined) facts.push(`files=${done.files}${of(total?.files, String)}`);
  if (done.rows !== undefined) facts.push(`rows=${done.rows}${of(total?.rows, String)}`);
  if (done.bytes !== undefined) facts.push(`read=${printBytes(done.bytes)}${of(total?.bytes, printBytes)}`);
  if (done.storedBytes !== undefined) {
    // Only who reads files knows no more than what is stored.
    const word = done.bytes === undefined ? "read" : "stored";
    facts.push(`${word}=${printBytes(done.storedBytes)}${of(total?.storedBytes, printBytes)}`);
  }
  return facts;
}
