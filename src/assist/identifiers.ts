// Names as SQL, in quotes only where SQL would read them otherwise. Source of the words: PostgreSQL's documentation,
// "SQL Key Words", those reserved for all names or for all but functions and types; and Redshift's own reserved words.

const RESERVED = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between binary both case cast check collate
  collation column concurrently constraint create cross current_catalog current_date current_role current_schema
  current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for
  foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading
  left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing
  primary references returning right select session_user similar some symmetric system_user table tablesample then to
  trailing true union unique user using variadic verbose when where window with`.split(/\s+/),
);

const REDSHIFT_RESERVED = new Set(
  `aes128 aes256 allowoverwrite backup blanksasnull bytedict bzip2 credentials cube deflate defrag delta delta32k
  disable emptyasnull enable encode encrypt encryption explicit globaldict256 globaldict64k gzip identity ignore
  lun luns lzo lzop minus mostly13 mostly32 mostly8 new off offline oid old open parallel partition percent permissions
  raw readratio recover rejectlog resort restore snapshot sysdate system tag tdes text255 text32k top truncatecolumns
  wallet without`.split(/\s+/),
);

const PLAIN = /^[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*$/u;

/** A word that is a name only when it stands in quotes. */
export function isReserved(word: string): boolean {
  return RESERVED.has(word.toLowerCase());
}

/** The name as it has to be written to be read as just that name. */
export function writeIdentifier(name: string, dialect: "postgres" | "redshift" = "postgres"): string {
  const isPlain = PLAIN.test(name) && name === name.toLowerCase() && !RESERVED.has(name);
  return isPlain && !(dialect === "redshift" && REDSHIFT_RESERVED.has(name)) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** What a written identifier names: folded to lower case unless it is quoted, also when its closing quote is missing. */
export function readIdentifier(written: string): string {
  if (!written.startsWith('"')) return written.toLowerCase();
  const inner = written.length > 1 && written.endsWith('"') ? written.slice(1, -1) : written.slice(1);
  return inner.replaceAll('""', '"');
}
