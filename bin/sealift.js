#!/usr/bin/env node
// Plain JavaScript that Node 18 can read: says the version, finds a Node new enough, and hands over to dist.
const VERSION = "0.1.0";
const OLDEST = [22, 15];

if (process.argv[2] === "--version" || process.argv[2] === "-V") {
  console.log(`sealift ${VERSION}`);
} else if (isOlder(process.versions.node)) {
  await runWithOwnNode();
} else {
  await start();
}

function isOlder(version) {
  const [major, minor] = version.split(".").map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

async function start() {
  await keepCompiled();
  let entry;
  try {
    entry = await import("../dist/repl/main.js");
  } catch (cause) {
    const missing = cause?.code === "ERR_MODULE_NOT_FOUND" && /dist[\\/]repl[\\/]main\.js/.test(cause.message);
    if (!missing) throw cause;
    fail("it is not built yet; run npm run build");
    return;
  }
  endWithLauncher();
  await entry.main();
}

// What V8 made of the modules is kept for the next start, which takes a fifth less; in a folder of the user's own, for
// whoever can write there decides what is run.
async function keepCompiled() {
  const { XDG_CACHE_HOME, HOME } = process.env;
  if (process.env.NODE_DISABLE_COMPILE_CACHE || process.env.NODE_COMPILE_CACHE) return;
  const [{ existsSync, mkdirSync }, { enableCompileCache }] = await Promise.all([
    import("node:fs"),
    import("node:module"),
  ]);
  // A home that is not there is nobody's wish for one.
  const home = HOME && existsSync(HOME) ? `${HOME}/.cache` : undefined;
  const cache = XDG_CACHE_HOME?.startsWith("/") === true ? XDG_CACHE_HOME : home;
  if (cache === undefined) return;
  const folder = `${cache}/sealift/compiled`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    enableCompileCache(folder);
  } catch {
    // A home that cannot be written, or a Node without such a cache: the start takes as long as the first.
  }
}

// A launcher that was killed outright could pass nothing on; what the user took for ended would go on writing.
function endWithLauncher() {
  if (process.channel === undefined) return;
  process.channel.unref();
  process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
}

// The platform packages hold Node's own binary; npm may have hoisted them above this package.
async function ownNode() {
  const { createRequire } = await import("node:module");
  const path = await import("node:path");
  const platform = process.platform === "win32" ? "win" : process.platform;
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/package.json`);
    return path.join(path.dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    return undefined;
  }
}

async function runWithOwnNode() {
  const { spawn } = await import("node:child_process");
  const { fileURLToPath } = await import("node:url");
  const node = await ownNode();
  if (node === undefined) {
    fail(
      `Node ${OLDEST.join(".")} or newer is needed, this is ${process.versions.node}; install it, or run npm install with optional packages`,
    );
    return;
  }
  // Without the flag SIGUSR1 opens the inspector, and with it the memory that holds the keys.
  const child = spawn(node, ["--disable-sigusr1", fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  // This process stays visible in the process list; a password in its arguments would as well.
  process.title = "sealift";
  // A terminal sends Ctrl-C to both; main.ts takes two of a kind within a moment for one.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"]) {
    if (process.platform !== "win32" || signal !== "SIGUSR2") process.on(signal, () => child.kill(signal));
  }
  child.on("error", (cause) => fail(`cannot run ${node}: ${cause.message}`));
  child.on("exit", (status, signal) => {
    if (signal === null) {
      process.exitCode = status;
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function fail(reason) {
  process.stderr.write(`sealift: ${reason}\n`);
  process.exitCode = 1;
}
