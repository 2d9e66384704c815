import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { resolveConnection, type ResolvedConnection, type Variables } from "../../src/connection/resolve.ts";
import { hostSettings, type PostgresConnection } from "../../src/connection/settings.ts";
import { ShellError } from "../../src/errors.ts";

const home = mkdtempSync(join(tmpdir(), "sealift-home-"));
after(() => rmSync(home, { recursive: true }));

function resolveIn(environment: Variables, text = ""): Promise<ResolvedConnection> {
  return resolveConnection({ text, environment: { HOME: home, USER: "ann", PGSYSCONFDIR: home, ...environment } });
}

async function postgres(environment: Variables, text = ""): Promise<PostgresConnection> {
  const { settings } = await resolveIn(environment, text);
  assert.ok(settings.kind === "postgres");
  return settings;
}

async function refusal(environment: Variables, text: string): Promise<ShellError> {
  const thrown: unknown = await resolveIn(environment, text).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof ShellError);
  return thrown;
}

suite("which database", () => {
  test("nothing said means the embedded one, below the data directory", async () => {
    const { settings } = await resolveIn({});
    assert.deepEqual(settings, {
      kind: "embedded",
      directory: join(home, ".local/share/sealift/embedded"),
      provenance: { directory: "default" },
    });
    const moved = await resolveIn({ XDG_DATA_HOME: "/data" });
    assert.equal(moved.settings.kind === "embedded" && moved.settings.directory, "/data/sealift/embedded");
  });

  test("a variable that names a server means that server; one that does not, means nothing", async () => {
    assert.equal((await postgres({ PGHOST: "h" })).hosts[0]?.host, "h");
    assert.equal((await resolveIn({ PGTZ: "UTC", PGAPPNAME: "x" })).settings.kind, "embedded");
  });

  test("the embedded one may be named even where variables name a server", async () => {
    assert.equal((await resolveIn({ PGHOST: "h" }, "embedded:///srv/x")).settings.kind, "embedded");
  });
});

suite("values and where they came from", () => {
  test("the text comes before the environment, and that before defaults", async () => {
    const settings = await postgres({ PGHOST: "envhost", PGPORT: "1111", PGUSER: "bob" }, "host=texthost");
    assert.deepEqual(settings.hosts, [{ host: "texthost", port: 1111 }]);
    assert.equal(settings.user, "bob");
    assert.equal(settings.database, "bob");
    assert.equal(settings.applicationName, "sealift");
    const { host, port, user, dbname } = settings.provenance;
    assert.deepEqual([host, port, user, dbname], ["connection text", "PGPORT", "PGUSER", "default"]);
  });

  test("session settings travel as options", async () => {
    const settings = await postgres({
      PGHOST: "h",
      PGTZ: "Europe/Berlin",
      PGDATESTYLE: "ISO, DMY",
      PGOPTIONS: "-c geqo=off",
    });
    assert.equal(settings.options, "-c geqo=off -c timezone=Europe/Berlin -c datestyle=ISO,\\ DMY");
  });

  test("several hosts with their ports", async () => {
    const settings = await postgres({}, "postgres://a,b:6000,c/d?target_session_attrs=read-write");
    assert.deepEqual(settings.hosts, [
      { host: "a", port: 5432 },
      { host: "b", port: 6000 },
      { host: "c", port: 5432 },
    ]);
    assert.equal(settings.targetSession, "read-write");
  });

  test("PGHOSTADDR is where to go", async () => {
    assert.equal((await postgres({ PGHOSTADDR: "10.0.0.1" }, "host=name")).hosts[0]?.host, "10.0.0.1");
  });

  test("seconds become milliseconds", async () => {
    assert.equal((await postgres({ PGHOST: "h", PGCONNECT_TIMEOUT: "7" })).connectTimeoutMs, 7000);
  });

  test("another client encoding has no effect and is said", async () => {
    const { warnings } = await resolveIn({ PGHOST: "h", PGCLIENTENCODING: "LATIN1" });
    assert.match(warnings.join(), /client_encoding LATIN1 \(PGCLIENTENCODING\) has no effect/);
    assert.deepEqual((await resolveIn({ PGHOST: "h", PGCLIENTENCODING: "UTF8" })).warnings, []);
  });
});

suite("service file", () => {
  const path = join(home, "services.conf");
  writeFileSync(
    path,
    "# comment\n[shop]\nhost=svc\nport=7000\ndbname=shopdb\n\n[other]\nhost=o\n[shop]\nhost=second\n",
  );

  test("fills what the text leaves open, before the environment", async () => {
    const settings = await postgres({ PGSERVICEFILE: path, PGPORT: "1" }, "service=shop user=u");
    assert.deepEqual(settings.hosts, [{ host: "svc", port: 7000 }]);
    assert.equal(settings.database, "shopdb");
    assert.equal(settings.provenance["host"], `service shop in ${path}`);
  });

  test("PGSERVICE names one", async () => {
    assert.equal((await postgres({ PGSERVICEFILE: path, PGSERVICE: "other" })).hosts[0]?.host, "o");
  });

  test("the system's file is asked when the user's does not have it", async () => {
    writeFileSync(join(home, "pg_service.conf"), "[site]\nhost=site\n");
    assert.equal((await postgres({ PGSERVICEFILE: path }, "service=site")).hosts[0]?.host, "site");
  });

  test("an unknown one names the nearest, exit status 2", async () => {
    const error = await refusal({ PGSERVICEFILE: path }, "service=shpo");
    assert.equal(error.message, "service shpo is not defined");
    assert.equal(error.hint, "did you mean shop?");
    assert.equal(error.exitStatus, 2);
  });

  test("a line that cannot be read names its place", async () => {
    const broken = join(home, "broken.conf");
    writeFileSync(broken, "[a]\nhost\n");
    assert.match((await refusal({ PGSERVICEFILE: broken }, "service=a")).message, /line 2 of service file/);
  });
});

suite("passwords", () => {
  const path = join(home, ".pgpass");
  writeFileSync(path, "h:5432:d:ann:from-file-1\n*:*:*:bob:from\\:file-2\nlocalhost:*:*:*:local-1\n", { mode: 0o600 });

  test("from the file, and shown to nobody", async () => {
    const settings = await postgres({}, "host=h dbname=d user=ann");
    assert.equal(settings.password?.reveal(), "from-file-1");
    assert.equal(settings.provenance["password"], `password file ${path}`);
    assert.ok(!JSON.stringify(settings).includes("from-file-1"));
    assert.equal((await postgres({}, "host=x user=bob")).password?.reveal(), "from:file-2");
    assert.equal((await postgres({}, "host=x user=carl")).password, undefined);
  });

  test("of several hosts each is given its own, and no other one's", async () => {
    const passwords = join(home, "several");
    writeFileSync(passwords, "a:*:*:ann:for-a\nc:*:*:ann:for-c\n", { mode: 0o600 });
    const settings = await postgres({ PGPASSFILE: passwords }, "host=a,b,c dbname=d user=ann");
    const given = settings.hosts.map((address) => hostSettings(settings, address));
    assert.deepEqual(
      given.map(({ host, password }) => [host, password]),
      [
        ["a", "for-a"],
        ["b", undefined],
        ["c", "for-c"],
      ],
    );
    assert.equal(settings.password, undefined);
    assert.ok(!JSON.stringify(settings).includes("for-a"));
    const one = await postgres({ PGPASSFILE: passwords, PGPASSWORD: "for-all" }, "host=a,b dbname=d user=ann");
    assert.deepEqual(
      one.hosts.map((address) => hostSettings(one, address).password),
      ["for-all", "for-all"],
    );
  });

  test("a default socket is localhost in the file", async () => {
    assert.equal((await postgres({}, "host=/tmp user=carl")).password?.reveal(), "local-1");
  });

  test("text before environment before file", async () => {
    assert.equal((await postgres({ PGPASSWORD: "env-pw" }, "host=h dbname=d user=ann")).password?.reveal(), "env-pw");
    assert.equal(
      (await postgres({ PGPASSWORD: "env-pw" }, "postgres://ann:text-pw@h/d")).password?.reveal(),
      "text-pw",
    );
  });

  test("a file that others can read is not used, and that is said", async () => {
    const loose = join(home, "loose");
    writeFileSync(loose, "*:*:*:*:x\n");
    chmodSync(loose, 0o644);
    const { settings, warnings } = await resolveIn({ PGPASSFILE: loose }, "host=h");
    assert.ok(settings.kind === "postgres" && settings.password === undefined);
    assert.match(warnings.join(), /can be read by others/);
  });

  test("a driver gets it in the clear", async () => {
    const settings = await postgres({}, "postgres://ann:text-pw@h/d");
    const [address] = settings.hosts;
    assert.ok(address !== undefined);
    const plain = hostSettings(settings, address);
    assert.equal(plain.password, "text-pw");
    assert.deepEqual(structuredClone(plain), plain);
  });
});

suite("TLS", () => {
  const pem = join(home, "root.pem");
  writeFileSync(pem, "PEM");

  test("modes are libpq's", async () => {
    assert.deepEqual((await postgres({}, "host=h")).tls, { mode: "prefer" });
    assert.equal((await postgres({}, "host=h sslmode=disable")).tls, undefined);
    assert.deepEqual((await postgres({}, "host=h sslmode=require")).tls, { mode: "require" });
    assert.deepEqual((await postgres({}, "host=h sslmode=allow")).tls, { mode: "prefer" });
  });

  test("require with a root certificate checks the chain", async () => {
    const expected = { mode: "verify-ca", rootCertificate: "PEM" };
    assert.deepEqual((await postgres({ PGSSLMODE: "require", PGSSLROOTCERT: pem }, "host=h")).tls, expected);
  });

  test("the system's certificates need the strongest mode, and bring it", async () => {
    assert.equal((await postgres({}, "host=h sslrootcert=system")).tls?.mode, "verify-full");
    assert.match((await refusal({}, "host=h sslrootcert=system sslmode=require")).message, /too weak/);
  });

  test("verification without a certificate is refused", async () => {
    assert.match((await refusal({}, "host=h sslmode=verify-full")).message, /needs a root certificate/);
  });

  test("a key that others can read is refused", async () => {
    const key = join(home, "client.key");
    writeFileSync(key, "KEY");
    chmodSync(key, 0o644);
    const error = await refusal({}, `host=h sslcert=${pem} sslkey=${key}`);
    assert.match(error.message, /can be read by others/);
    chmodSync(key, 0o600);
    assert.equal((await postgres({}, `host=h sslcert=${pem} sslkey=${key}`)).tls?.key, "KEY");
  });

  test("a certificate that is named and missing is refused", async () => {
    assert.equal((await refusal({}, "host=h sslrootcert=/nowhere")).code, "shell/file");
  });

  test("the default place is looked at", async () => {
    await mkdir(join(home, ".postgresql"));
    writeFileSync(join(home, ".postgresql/root.crt"), "DEFAULT");
    assert.equal((await postgres({}, "host=h sslmode=verify-full")).tls?.rootCertificate, "DEFAULT");
    rmSync(join(home, ".postgresql"), { recursive: true });
  });

  test("a unix socket has none", async () => {
    const settings = await postgres({}, "host=/tmp");
    assert.equal(hostSettings(settings, { host: "/tmp", port: 5432 }).tls, undefined);
  });
});

suite("values that are refused", () => {
  const cases: Readonly<Record<string, RegExp>> = {
    "host=h port=0": /port 0 is not between/,
    "host=h port=x": /port x is not a whole number/,
    "host=a,b,c port=1,2": /3 hosts, but 2 ports/,
    "host=h sslmode=on": /sslmode on in the connection text is not known/,
    "host=h target_session_attrs=master": /target_session_attrs master is not known/,
    "host=h connect_timeout=soon": /connect_timeout soon is not a whole number/,
    "host=h channel_binding=require": /channel_binding=require is not supported/,
  };
  for (const [text, expected] of Object.entries(cases)) {
    test(text, async () => assert.match((await refusal({}, text)).message, expected));
  }
});

test("channel_binding is kept for the programs that the connection is handed to", async () => {
  assert.equal((await postgres({}, "host=h channel_binding=disable")).channelBinding, "disable");
});
