// Arguments of the command line as values. Says nothing and exits nowhere: main does.
import { Command, CommanderError, Option } from "commander";
import { changeDisplay, DEFAULT_DISPLAY, ShellError, type Display, type KeySource } from "../src/index.ts";
import { AFTER_HELP } from "./help.ts";

export type ScriptArgument =
  | { readonly kind: "command"; readonly text: string }
  | { readonly kind: "file"; readonly path: string };

export interface ShellOptions {
  readonly kind: "shell";
  readonly connection: string | undefined;
  /** -c and -f in the order given. */
  readonly scripts: readonly ScriptArgument[];
  /** undefined forgets the name, as in psql. */
  readonly variables: readonly (readonly [name: string, value: string | undefined])[];
  readonly display: Display;
  readonly outputFile: string | undefined;
  readonly singleTransaction: boolean;
  /** An installed pg_dump to read definitions with. */
  readonly pgDump: string | undefined;
  readonly check: boolean;
  /** A profile of the configuration file. */
  readonly profile: string | undefined;
  readonly readOnly: boolean;
  /** Whether somebody is asked for a password: when the server wants one, always, never. */
  readonly password: "wanted" | "always" | "never";
  /** Nothing is asked, because it is meant. */
  readonly yes: boolean;
  readonly quiet: boolean;
  readonly progress: "auto" | "plain" | "json" | "none";
  readonly colour: "auto" | "always" | "never";
  readonly errorFormat: "auto" | "json";
}

export interface DecryptOptions {
  readonly kind: "decrypt";
  readonly uri: string;
  readonly info: string | undefined;
  readonly passphraseFile: string | undefined;
  readonly kms: string | undefined;
  readonly masterKeyFile: string | undefined;
  readonly outputFile: string | undefined;
}

export interface InspectOptions {
  readonly kind: "inspect";
  readonly uri: string;
}

/** Text to print and leave with: help, version, or a complaint about the arguments. */
export interface Leave {
  readonly kind: "leave";
  readonly status: 0 | 1;
  readonly text: string;
}

export type Parsed = ShellOptions | DecryptOptions | InspectOptions | Leave;

interface Flags {
  readonly singleTransaction?: true;
  readonly check?: true;
  readonly profile?: string;
  readonly readOnly?: true;
  /** commander's `-W` and `-w` are one flag and its `no-`. */
  readonly password?: boolean;
  readonly yes?: true;
  readonly pgDump?: string;
  readonly quiet?: true;
  readonly output?: string;
  /** commander's `--no-x` flags are true until given. */
  readonly align: boolean;
  readonly tuplesOnly?: true;
  readonly fieldSeparator?: string;
  readonly expanded?: true;
  readonly csv?: true;
  readonly json?: true;
  readonly ndjson?: true;
  readonly progress: ShellOptions["progress"];
  readonly color: ShellOptions["colour"];
  readonly errorFormat: ShellOptions["errorFormat"];
}

/** Reads the arguments behind the program's name. Throws ShellError `shell/command` for a -P that \pset refuses. */
export function parseArguments(words: readonly string[], version: string): Parsed {
  let said = "";
  let parsed: Parsed | undefined;
  const scripts: ScriptArgument[] = [];
  const variables: [string, string | undefined][] = [];
  const psets: string[] = [];
  const program = createProgram(version, { scripts, variables, psets });
  program.action((connection: string | undefined, flags: Flags) => {
    parsed = shellOptions(connection, flags, { scripts, variables, psets });
  });
  addDecrypt(program, (options) => (parsed = options));
  addInspect(program, (options) => (parsed = options));
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => (said += text),
      writeErr: (text) => (said += text.replace(/^error: /, "sealift: ")),
    });
    command.showHelpAfterError(
      `  hint: ${["sealift", ...(command === program ? [] : [command.name()]), "--help"].join(" ")} lists the options`,
    );
  }
  try {
    program.parse([...words], { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return { kind: "leave", status: thrown.exitCode === 0 ? 0 : 1, text: said };
  }
  return parsed ?? { kind: "leave", status: 0, text: said };
}

/** What may be given again, in the order given. */
interface Repeated {
  readonly scripts: ScriptArgument[];
  readonly variables: [string, string | undefined][];
  readonly psets: string[];
}

function createProgram(version: string, { scripts, variables, psets }: Repeated): Command {
  const collect = (script: ScriptArgument): void => void scripts.push(script);
  return new Command("sealift")
    .description("A SQL shell that moves data out of and back into Postgres-wire databases, encrypted under your keys")
    .usage("[options] [connection]")
    .argument("[connection]", "postgres://…, key=value pairs, a database's name, or embedded:[///directory]")
    .version(`sealift ${version}`, "-V, --version")
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .optionsGroup("What to run:")
    .option("-c, --command <sql>", "run this and leave; may be given again", (text: string) =>
      collect({ kind: "command", text }),
    )
    .option("-f, --file <file>", "run a file, - is standard input; may be given again", (path: string) =>
      collect({ kind: "file", path }),
    )
    .option("-v, --set <name=value>", "set a variable for :name, :'name', :\"name\"", (text: string) => {
      const equals = text.indexOf("=");
      variables.push(equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)]);
    })
    .option("-1, --single-transaction", "all of it in one transaction, or nothing")
    .option("--check", "read everything, show what would be done, run nothing")
    .option("--pg-dump <path>", "read definitions with this pg_dump instead of the built-in one")
    .option("-X, --no-psqlrc", "for psql's callers: no start-up file is ever read")
    .optionsGroup("Safety:")
    .option("--profile <name>", "connection, colour and guard rails of a profile in config.json")
    .option("--read-only", "refuse to write to the database")
    .option("-W, --password", "ask for the password first, whether the server wants one or not")
    .option("-w, --no-password", "never ask for a password: fail where the server wants one")
    .option("-y, --yes", "ask nothing before DROP, TRUNCATE and their like; scripts in a production profile need it")
    .optionsGroup("Results:")
    .option("-A, --no-align", "unaligned")
    .option("-t, --tuples-only", "rows only")
    .option("-F, --field-separator <text>", "between unaligned fields")
    .option("-x, --expanded", "one line a column")
    .option("--csv", "comma-separated values")
    .option("--json", "an array of objects")
    .option("--ndjson", "one object a line")
    .option("-P, --pset <name=value>", "as \\pset; may be given again", (text: string) => void psets.push(text))
    .option("-o, --output <file>", "write results to a file, or |command")
    .optionsGroup("Narration (stderr):")
    .option("-q, --quiet", "no command tags, no progress")
    .addOption(
      new Option("--progress <how>", "of long statements").choices(["auto", "plain", "json", "none"]).default("auto"),
    )
    .addOption(new Option("--color <when>", "of messages").choices(["auto", "always", "never"]).default("auto"))
    .addOption(new Option("--error-format <how>", "json: one object a line").choices(["auto", "json"]).default("auto"))
    .optionsGroup("About:")
    .helpOption("-h, --help", "this text")
    .addHelpText("after", AFTER_HELP);
}

function shellOptions(
  connection: string | undefined,
  flags: Flags,
  { scripts, variables, psets }: Repeated,
): ShellOptions {
  return {
    kind: "shell",
    connection,
    scripts,
    variables,
    display: displayOf(flags, psets),
    outputFile: flags.output,
    singleTransaction: flags.singleTransaction === true,
    check: flags.check === true,
    profile: flags.profile,
    readOnly: flags.readOnly === true,
    password: flags.password === undefined ? "wanted" : flags.password ? "always" : "never",
    yes: flags.yes === true,
    pgDump: flags.pgDump,
    quiet: flags.quiet === true,
    progress: flags.progress,
    colour: flags.color,
    errorFormat: flags.errorFormat,
  };
}

function displayOf(flags: Flags, psets: readonly string[]): Display {
  const format = flags.csv
    ? "csv"
    : flags.json
      ? "json"
      : flags.ndjson
        ? "ndjson"
        : !flags.align
          ? "unaligned"
          : undefined;
  let display: Display = {
    ...DEFAULT_DISPLAY,
    ...(format === undefined ? {} : { format }),
    ...(flags.tuplesOnly === true ? { tuplesOnly: true } : {}),
    ...(flags.fieldSeparator === undefined ? {} : { fieldSeparator: flags.fieldSeparator }),
    ...(flags.expanded === true ? { expanded: "on" } : {}),
  };
  for (const pair of psets) {
    const equals = pair.indexOf("=");
    const [name, value] = equals < 0 ? [pair, undefined] : [pair.slice(0, equals), pair.slice(equals + 1)];
    display = changeDisplay(display, name, value);
  }
  return display;
}

function addDecrypt(program: Command, done: (options: DecryptOptions) => void): void {
  program
    .command("decrypt <uri>")
    .description("write the clear bytes of one sealed file to standard output")
    .option("--info <uri>", "its ENCRYPTION_INFO, when that does not lie beside it")
    .option("--passphrase-file <file>", "a file that holds the passphrase")
    .option("--kms <uri>", "a key service that holds the master key")
    .option("--master-key-file <file>", "a file that holds a MASTER_SYMMETRIC_KEY")
    .option("-o, --output <file>", "write to a file instead")
    .action((uri: string, flags: Record<string, string | undefined>) => {
      done({
        kind: "decrypt",
        uri,
        info: flags["info"],
        passphraseFile: flags["passphraseFile"],
        kms: flags["kms"],
        masterKeyFile: flags["masterKeyFile"],
        outputFile: flags["output"],
      });
    });
}

function addInspect(program: Command, done: (options: InspectOptions) => void): void {
  program
    .command("inspect <uri>")
    .description("say what a file is; needs no key")
    .action((uri: string) => done({ kind: "inspect", uri }));
}

/** Throws `shell/usage` unless exactly one key is named. */
export function keySourceOf(options: DecryptOptions): KeySource {
  const { passphraseFile, kms, masterKeyFile } = options;
  const given = [passphraseFile, kms, masterKeyFile].filter((one) => one !== undefined);
  if (given.length === 1) {
    if (passphraseFile !== undefined) return { kind: "passphrase-file", path: passphraseFile };
    if (kms !== undefined) return { kind: "kms", uri: kms };
    if (masterKeyFile !== undefined) return { kind: "master-key-file", path: masterKeyFile };
  }
  throw new ShellError("shell/usage", `decrypt needs one key, ${given.length} are given`, {
    hint: "use one of --passphrase-file, --kms, --master-key-file",
  });
}
