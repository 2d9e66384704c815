import { MemoryStore } from "../../src/storage/memory.ts";
import { FaultyStore } from "../harness/faulty-store.ts";
import { objectStoreContract } from "../contracts/object-store.ts";

objectStoreContract("memory", async () => new MemoryStore());
objectStoreContract("a faulty store without a fault", async () => new FaultyStore(new MemoryStore()));
