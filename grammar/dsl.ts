import { EmbeddedActionsParser } from "chevrotain";
import { VOCABULARY } from "./tokens.ts";

type Base = EmbeddedActionsParser;

/** Chevrotain's parser with its rule-writing methods open to statement files. */
export class Dsl extends EmbeddedActionsParser {
  declare RULE: Base["RULE"];
  declare CONSUME: Base["CONSUME"];
  declare CONSUME1: Base["CONSUME1"];
  declare CONSUME2: Base["CONSUME2"];
  declare CONSUME3: Base["CONSUME3"];
  declare consume: Base["consume"];
  declare SUBRULE: Base["SUBRULE"];
  declare SUBRULE1: Base["SUBRULE1"];
  declare SUBRULE2: Base["SUBRULE2"];
  declare SUBRULE3: Base["SUBRULE3"];
  declare subrule: Base["subrule"];
  declare option: Base["option"];
  declare OPTION: Base["OPTION"];
  declare OPTION1: Base["OPTION1"];
  declare OPTION2: Base["OPTION2"];
  declare OPTION3: Base["OPTION3"];
  declare OPTION4: Base["OPTION4"];
  declare OPTION5: Base["OPTION5"];
  declare or: Base["or"];
  declare OR: Base["OR"];
  declare OR1: Base["OR1"];
  declare OR2: Base["OR2"];
  declare OR3: Base["OR3"];
  declare MANY: Base["MANY"];
  declare MANY1: Base["MANY1"];
  declare MANY2: Base["MANY2"];
  declare AT_LEAST_ONE: Base["AT_LEAST_ONE"];
  declare AT_LEAST_ONE_SEP: Base["AT_LEAST_ONE_SEP"];
  declare AT_LEAST_ONE_SEP1: Base["AT_LEAST_ONE_SEP1"];
  declare AT_LEAST_ONE_SEP2: Base["AT_LEAST_ONE_SEP2"];
  declare AT_LEAST_ONE_SEP3: Base["AT_LEAST_ONE_SEP3"];
  declare ACTION: Base["ACTION"];
  declare LA: Base["LA"];
  declare performSelfAnalysis: Base["performSelfAnalysis"];

  /** @param validate whether to look for ambiguities and left recursion: slow, so only a test asks for it. */
  constructor(validate: boolean) {
    // Two tokens tell all our alternatives apart; a third would make the analysis take seconds.
    super(VOCABULARY, { skipValidations: !validate, maxLookahead: 2, recoveryEnabled: false });
  }
}
