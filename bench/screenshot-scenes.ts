// What is played for each picture. No step waits for time: each waits for what has to be on the screen.
import { run, untilPrompt } from "../test/harness/prompt-stage.ts";
import type { TerminalProgram } from "../test/harness/terminal.ts";

export interface Scene {
  readonly name: string;
  /** Without it the scene is played in the shell. */
  readonly program?: "block";
  readonly showsCursor?: boolean;
  /** The text left of the cursor at the end: by then everything before it has been drawn. */
  readonly end: string;
  readonly play: (terminal: TerminalProgram) => Promise<void>;
}

const PROMPT = "shop=# ";

export const SCENES: readonly Scene[] = [
  {
    name: "editing",
    showsCursor: true,
    end: "join shop.customers as c on c",
    play: async (terminal) => {
      await untilProposed(terminal, "select * from shop.order_l", "order_lines");
      await startOver(terminal);
      terminal.type("select c.name, count(*) -- who buys most?\rfrom shop.orders as o\rjoin shop.customers as c on c");
      await terminal.until("c.id = o.customer_id", "the condition that the foreign key suggests");
    },
  },
  {
    name: "options",
    showsCursor: true,
    end: ", s",
    play: async (terminal) => {
      terminal.type(
        "restore table shop.orders from latest in 'external://vault'\rwith encryption_passphrase = 'geheim', s",
      );
      await terminal.until("skip_missing_views", "the options that begin with s");
    },
  },
  {
    name: "mistake",
    showsCursor: true,
    end: "'external://office' ",
    play: async (terminal) => {
      terminal.type("backup database shop\rinto 'external://vault'\rwith kmss = 'external://office' ");
      await terminal.until(/did you mean kms\?.*expected/, "what was expected instead");
    },
  },
  {
    name: "result",
    end: PROMPT,
    play: async (terminal) => {
      await run(terminal, "select id, name, country, since, id < 4 as early from shop.customers limit 8;");
      await terminal.until("(8 rows)");
      await run(terminal, "select nmae from shop.customers;");
      await terminal.until("help: Perhaps");
    },
  },
  {
    name: "progress",
    program: "block",
    end: "",
    play: async (terminal) => {
      await terminal.until("elapsed", "the block's last line");
    },
  },
  {
    name: "timeline",
    end: PROMPT,
    play: async (terminal) => {
      await run(terminal, "\\timeline external://vault");
      await terminal.until("in the clear", "the last backup");
    },
  },
  {
    name: "keys",
    end: PROMPT,
    play: async (terminal) => {
      terminal.type("show backup keys in 'external://vault'\r");
      await terminal.until("shop-#", "a second line");
      await runLastLine(terminal, "with kms = ('external://office', 'external://safe'), test;");
      await terminal.until("not this key", "the legend");
    },
  },
  {
    name: "plan",
    end: PROMPT,
    play: async (terminal) => {
      terminal.type("select c.country, count(*) from shop.orders as o\r");
      await terminal.until("shop-#", "a second line");
      await runLastLine(terminal, "join shop.customers as c on c.id = o.customer_id group by 1 \\plan");
      await terminal.until("Seq Scan on customers", "the plan's last node");
    },
  },
  {
    name: "question",
    showsCursor: true,
    end: "n no ",
    play: async (terminal) => {
      await run(terminal, "begin;");
      await terminal.until("shop=*#", "an open transaction");
      terminal.type("delete from shop.orders;\r");
      await terminal.until("n no", "the question");
    },
  },
];

/** Waits until what the shell calls its own is on an empty screen. */
export async function startOver(terminal: TerminalProgram): Promise<void> {
  terminal.press("C-c");
  await untilPrompt(terminal);
  terminal.press("C-l");
  await terminal.until((screen) => screen.trim() === PROMPT.trim(), "an empty screen");
}

/** Proposals come with a key, and the database may be known later than that: the last key is pressed again until then. */
async function untilProposed(terminal: TerminalProgram, text: string, proposal: string): Promise<void> {
  terminal.type(text);
  for (let patience = 20; ; patience--) {
    try {
      await terminal.until((screen) => screen.split(text).at(-1)?.includes(proposal) === true, proposal, 1000);
      return;
    } catch (thrown) {
      if (patience === 0) throw thrown;
      terminal.press("backspace");
      terminal.type(text.slice(-1));
    }
  }
}

async function runLastLine(terminal: TerminalProgram, line: string): Promise<void> {
  terminal.type(line);
  await terminal.until(line.trimEnd(), `an echo of ${line}`);
  terminal.press("enter");
  await untilPrompt(terminal);
}
