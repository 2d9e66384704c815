/** What --help says below the options: a stable interface for scripts. */
export const AFTER_HELP = `
Without -c and -f, statements come from standard input, or from a prompt when that is a terminal.
Results go to standard output, everything else to standard error. No option takes a secret: name a
file, an environment variable or a key service instead.

Exit status:
  0    everything succeeded
  1    usage, a file that cannot be read, standard output that cannot be written, a fault of ours
  2    the database: cannot connect, or the connection was lost
  3    a statement failed
  10   storage: not found or unreachable        12   keys: wrong passphrase, no usable key
  11   storage: denied                          13   integrity: changed, cut or missing data
  14   another job holds the collection         130, 143, 141   interrupted, terminated, reader gone
  Anything but 0 is a failure; with several, the first decides. -v ON_ERROR_STOP=0 goes on after errors.

Environment:
  PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGSERVICE PGSERVICEFILE PGSYSCONFDIR
  PGOPTIONS PGAPPNAME PGSSLMODE PGSSLROOTCERT PGSSLCERT PGSSLKEY PGCONNECT_TIMEOUT PGTARGETSESSIONATTRS
  PGCHANNELBINDING PGTZ PGDATESTYLE       the connection, as for psql; with none that names a server: embedded
  XDG_DATA_HOME                           where the embedded database lives: sealift/embedded below it
  NO_COLOR FORCE_COLOR CLICOLOR_FORCE     colour of messages
  XDG_CONFIG_HOME SEALIFT_CONFIG          profiles: sealift/config.json below it, or the file itself
  XDG_STATE_HOME SEALIFT_HISTORY          statements of the past: sealift/history.jsonl below it, a file, or off
  SEALIFT_PAGER PSQL_PAGER PAGER          what shows results that are higher than the terminal; less -FRSX unless told
  VISUAL EDITOR                           what \\e edits with
  SEALIFT_KEYRING SEALIFT_EXTERN_DIR      folders of local keys, and of nodelocal:// storage
  SEALIFT_JOBS                            connections and threads of one job, at most 8
  SEALIFT_COMPLETION_SECONDS              how long completion may learn from a database; 5 unless told
  SEALIFT_PROGRESS                        default of --progress
  SEALIFT_DEBUG                           shows where a fault of ours happened
`;
