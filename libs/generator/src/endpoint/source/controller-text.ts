import { quote } from '../../codegen/source-text.js';
import { camel, pascal } from '../planner/names.js';
import type { PlannedInput, PlannedScreen } from '../planner/planned-screen.js';
import { readsCaller } from './screen-text.js';

const takes: Readonly<Record<PlannedInput['group'], string>> = {
  path: '@Param() path: object',
  query: '@Query() query: object',
  header: '@Headers() header: object',
  body: '@Body() body: unknown',
};
const decorators: Readonly<Record<PlannedInput['group'], string>> = {
  path: 'Param',
  query: 'Query',
  header: 'Headers',
  body: 'Body',
};
const verbs: Readonly<Record<PlannedScreen['method'], string>> = {
  GET: 'Get',
  POST: 'Post',
  PUT: 'Put',
  PATCH: 'Patch',
  DELETE: 'Delete',
};

/** `<screen>.controller.ts`: the route, its access and the input of the plan. */
export function controllerText(screen: PlannedScreen): string {
  const { name, method, scope, rateClass, inputs } = screen;
  const [base, rest] = dividedPath(screen.path);
  const hasCaller = readsCaller(screen);
  const word = camel(name);
  const nest = ['Controller', verbs[method], ...inputs.map(({ group }) => decorators[group])].toSorted();
  const parameters = [...(hasCaller ? ['@Caller() caller: Caller'] : []), ...inputs.map(({ group }) => takes[group])];
  const groups = [...(hasCaller ? ['caller'] : []), ...inputs.map(({ group }) => group)];
  return `import { ${nest.join(', ')} } from '@nestjs/common';
import { ${hasCaller ? 'Access, Caller' : 'Access'} } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { ${word}Screen } from './${name}.screen.js';

@Controller(${quote(base)})
export class ${pascal(name)}Controller {
  /** ${titleOf(name)}. */
  @${verbs[method]}(${rest === '' ? '' : quote(rest)})
  @Access({ scope: ${quote(scope)} })
  @RateClass(${quote(rateClass)})
  @Screen(${word}Screen)
  ${method === 'GET' ? 'show' : 'send'}(${parameters.join(', ')}) {
    return { ${groups.join(', ')} };
  }
}
`;
}

/** The fixed segments at the start belong to the controller, the rest to the method. */
function dividedPath(path: string): readonly [base: string, rest: string] {
  const segments = path.split('/').filter((segment) => segment !== '');
  const at = segments.findIndex((segment) => segment.includes(':'));
  const count = at < 0 ? segments.length : at;
  return [segments.slice(0, count).join('/'), segments.slice(count).join('/')];
}

/** `order-history` is `Order history`: the summary of the endpoint in the OpenAPI document. */
function titleOf(name: string): string {
  const words = name.replaceAll('-', ' ');
  return words.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}
