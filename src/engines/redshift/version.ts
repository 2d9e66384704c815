// Redshift answers `select version()` with the PostgreSQL release that it descends from and its own after it:
// "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC …, Redshift 1.0.122914".

export interface RedshiftVersion {
  /** Redshift's own: "1.0.122914". */
  readonly release: string;
  /** As server_version_num would be: 80002. */
  readonly postgresNumber: number;
}

/** What the text says of a Redshift server; `undefined` for every other one. */
export function parseRedshiftVersion(text: string): RedshiftVersion | undefined {
  const release = /\bRedshift\s+([\w.]+)/i.exec(text)?.[1];
  if (release === undefined) return undefined;
  const [, major = "0", minor = "0", patch = "0"] = /^PostgreSQL (\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text) ?? [];
  return { release, postgresNumber: Number(major) * 10_000 + Number(minor) * 100 + Number(patch) };
}
