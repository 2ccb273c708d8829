// A projecting transcoder of JSON: reads one text by the shapes of a program, writes what its templates keep, makes no objects.
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
 * Projects the text that stands at `input`, with a NUL at `end`. The bytes have to be UTF-8. Where the texts begin and end is in the
 * program's results then, 0 and 0 for one that gives nothing. False: declined.
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
