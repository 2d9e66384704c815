import { after } from "node:test";
import { openEmbedded } from "../../src/engines/embedded/embedded.ts";
import { engineContract } from "../contracts/engine.ts";
import { embeddedTestDirectory } from "../harness/embedded-directory.ts";

const directory = await embeddedTestDirectory();
after(() => directory[Symbol.asyncDispose]());

engineContract("embedded", () => openEmbedded({ directory: directory.database }));
