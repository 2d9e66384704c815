// Installs pinned versions of other people's programs through their registries' own clients, each into a folder of its
// own below the cache, once.
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { MissingProgram, runCommand } from "./command.ts";

/** Why a peer cannot be had on this machine; no fault of ours or the peer's. */
export class Unavailable extends Error {}

/** A registry that has not answered its client by then is not there. */
const ANSWER_S = 20;

/** Where peers are kept between runs. */
export function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return process.env["INTEROP_CACHE"] ?? join(base, "sealift-interop");
}

export class Installer {
  readonly #stop: AbortSignal;
  /** Two peers may need the same program. */
  readonly #folders = new Map<string, Promise<string>>();

  /** @param stop aborts when there is no time left for installing. */
  constructor(stop: AbortSignal) {
    this.#stop = stop;
  }

  /**
   * The folder of a peer, filled unless it was filled before.
   * @throws Unavailable
   */
  async once(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
    const filling = this.#folders.get(name) ?? this.#fillOnce(name, fill);
    this.#folders.set(name, filling);
    return filling;
  }

  async #fillOnce(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
    const folder = join(cacheFolder(), name);
    const mark = join(folder, ".installed");
    if (existsSync(mark)) return folder;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await fill(folder);
    await writeFile(mark, "");
    return folder;
  }

  /** `go install` of a module's program. */
  async goProgram(folder: string, module: string, program: string, version: string): Promise<void> {
    const where = { registry: "the Go module proxy", wanted: `${module}@${version}` };
    const variables = { GOBIN: folder, GOFLAGS: "-modcacherw", CGO_ENABLED: "0" };
    await this.#ask(["go", "list", "-m", `${module}@${version}`], folder, where, variables, ANSWER_S * 1000);
    await this.#ask(["go", "install", "-ldflags=-s -w", `${program}@${version}`], folder, where, variables);
  }

  /** `pip install` into an environment of its own. */
  async pythonPackages(folder: string, packages: readonly string[]): Promise<void> {
    const where = { registry: "PyPI", wanted: packages[0] ?? "" };
    await this.#ask(["python3", "-m", "venv", folder], folder, where);
    const quick = ["--timeout", String(ANSWER_S), "--retries", "1", "--disable-pip-version-check"];
    await this.#ask([join(folder, "bin", "pip"), "install", "--quiet", ...quick, ...packages], folder, where);
  }

  /** `npm install` without anything of the package being run. */
  async npmPackage(folder: string, wanted: string): Promise<void> {
    await writeFile(join(folder, "package.json"), '{"private":true}');
    const quick = [`--fetch-timeout=${ANSWER_S * 1000}`, "--fetch-retries=1"];
    const command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", ...quick, wanted];
    await this.#ask(command, folder, { registry: "the npm registry", wanted });
  }

  /** What a Maven project depends on, as jars in `folder/lib`. */
  async mavenLibraries(folder: string, project: string, properties: readonly string[] = []): Promise<void> {
    const goal = ["dependency:copy-dependencies", `-DoutputDirectory=${join(folder, "lib")}`];
    const quick = [`-Dmaven.wagon.http.readTimeout=${ANSWER_S * 1000}`, "-Dmaven.wagon.http.retryHandler.count=1"];
    const command = ["mvn", "--batch-mode", "--quiet", "--file", project, ...quick, ...properties, ...goal];
    await this.#ask(command, folder, { registry: "Maven Central", wanted: project });
  }

  /** Whether Maven Central has an artifact, `group:name:version`. */
  async mavenArtifact(folder: string, wanted: string): Promise<void> {
    const command = [
      "mvn",
      "--batch-mode",
      "--quiet",
      "--update-snapshots",
      "dependency:get",
      `-Dartifact=${wanted}`,
      "-Dtransitive=false",
    ];
    await this.#ask(command, folder, { registry: "Maven Central", wanted });
  }

  /** Whether the Go module proxy has a module in any version. */
  async goModule(folder: string, wanted: string): Promise<void> {
    const command = ["go", "list", "-m", `${wanted}@latest`];
    await this.#ask(command, folder, { registry: "the Go module proxy", wanted }, {}, ANSWER_S * 1000);
  }

  /** A program that comes with a toolchain, as `javac`. */
  async tool(folder: string, words: readonly string[]): Promise<void> {
    await this.#ask(words, folder, { registry: words[0] ?? "", wanted: words.slice(1).join(" ") });
  }

  async #ask(
    words: readonly string[],
    cwd: string,
    { registry, wanted }: { readonly registry: string; readonly wanted: string },
    variables: Readonly<Record<string, string>> = {},
    withinMs?: number,
  ): Promise<void> {
    const signal = withinMs === undefined ? this.#stop : AbortSignal.any([this.#stop, AbortSignal.timeout(withinMs)]);
    try {
      const { status, hasTimedOut, output } = await runCommand(words, { cwd, variables, signal });
      if (hasTimedOut) throw new Unavailable(`${registry} did not deliver ${wanted} in time`);
      if (status !== 0) throw new Unavailable(`${registry} does not give ${wanted}: ${reasonIn(output)}`);
    } catch (thrown) {
      throw thrown instanceof MissingProgram ? new Unavailable(thrown.message, { cause: thrown }) : thrown;
    }
  }
}

/** The line of an installer's complaint that tells most. */
function reasonIn(output: string): string {
  const lines = stripVTControlCharacters(output).split("\n");
  const telling =
    lines.find((line) => /could not find artifact|not available|no matching|requires/iu.test(line)) ??
    lines.find((line) => /\b40[34]\b|error/iu.test(line));
  const last = lines.findLast((line) => line.trim() !== "");
  return (telling ?? last ?? "it said nothing")
    .trim()
    .replace(/^.*couldn't download artifact: /iu, "")
    .replaceAll(/https?:\/\/\S+/gu, "…")
    .slice(0, 200);
}
