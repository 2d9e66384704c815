/** One object of a database as pg_dump's custom-format table of contents describes it. */
export interface DumpEntry {
  readonly dumpId: number;
  /** OID of the catalogue the object lives in, 0 when it has none. */
  readonly catalogOid: number;
  readonly oid: number;
  /** The exact name, newlines kept: `orders`, `orders orders_pkey`, `COLUMN orders.id`. */
  readonly tag: string;
  /** TABLE, INDEX, CONSTRAINT, FK CONSTRAINT, ACL, COMMENT, TABLE DATA … as pg_dump says it. */
  readonly type: string;
  readonly section: "none" | "pre-data" | "data" | "post-data";
  readonly create: string;
  readonly drop: string;
  readonly copy: string;
  /** Empty for what lives in no schema. */
  readonly schema: string;
  readonly tablespace: string;
  readonly accessMethod: string;
  /** pg_class.relkind where the archive tells it (1.16 on): `r`, `p`, `v` … Empty otherwise. */
  readonly relationKind: string;
  readonly owner: string;
  /** `dumpId`s of what must exist first. */
  readonly dependencies: readonly number[];
}

export interface DumpToc {
  /** pg_dump's own version text. */
  readonly dumpVersion: string;
  readonly serverVersion: string;
  readonly database: string;
  readonly entries: readonly DumpEntry[];
}
