// A projecting transcoder of JSON: it reads one text by the shapes of a program, writes what the templates keep, and makes no objects.
import { input, maxTextBytes } from './memory';
import { readRegion } from './read';
import { skipSpace } from './scan';
import { Program } from './tables';
import { beginOutput, mustParse, out, write } from './write';

export { addForesight } from './foresee';
export { allocate, input } from './memory';
export { foreseen, unforeseen } from './read';
export {
  addJoined,
  addKey,
  addPart,
  addProgram,
  addRegion,
  addShape,
  addSibling,
  addTemplate,
  completeEntry,
  completeList,
  slotSize,
} from './tables';

/**
 * Projects the text at `input`, with a NUL at `end`. The bytes have to be UTF-8. The program's results then hold the begin and the end of
 * each text, 0 and 0 for a template that gives nothing. False: the text is left to the parser.
 */
export function project(program: Program, end: usize): bool {
  beginOutput();
  const at = readRegion(program.root, skipSpace(input), 0);
  if (!at || skipSpace(at) != end) return false;
  let result = program.results;
  let written: usize = 0;
  for (let part = program.writes; part; part = part.next) {
    const start = out;
    const given = write(part.value);
    store<usize>(result, given ? start : 0);
    store<usize>(result, given ? out : 0, 4);
    written += out - start;
    result += 8;
  }
  return !mustParse && written <= maxTextBytes;
}
