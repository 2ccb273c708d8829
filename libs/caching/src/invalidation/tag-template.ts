import type { CallArgs, OperationInfo } from '@frontage/core';
import { tagMark, type Mark } from './marks.js';

/** The tags of a call. `undefined`: it would have more than permitted, because a list in its arguments gives one for each item. */
export type TagsOf = (
  args: CallArgs,
  asker: { readonly subject: string; readonly tenant?: string } | undefined,
) => readonly Mark[] | undefined;

/** Gives the texts that stand in the place of a placeholder. */
type Values = (...call: Parameters<TagsOf>) => readonly string[];

type TaggedOperation = Pick<OperationInfo, 'id' | 'parameters' | 'body' | 'contract'>;

/** Names, and members of a body: `{id}`, `{query.id}`, `{body.item.id}`. */
const placeholder = /\{([^{}]*)\}/g;
const groups = ['path', 'query', 'header', 'cookie'] as const;

/**
 * Compiles templates of tags such as `cart:{caller}` and `item:{id}` for one operation. `{caller}` is the subject of the caller, `{tenant}`
 * its tenant, both empty without one; `{id}` is a parameter, `{query.id}` one of a group, `{body.id}` a member of the body. A value is
 * percent-encoded, so that no value contains what stands between two of them; one that is absent is empty. A list gives one tag for each item.
 * @param most tags of one call
 * @throws TypeError for a template that cannot be read, or a placeholder that the operation has nothing for
 */
export function compileTags(templates: readonly string[], info: TaggedOperation, most = 100): TagsOf {
  const compiled = templates.map((template) => compileTemplate(template, info, most));
  return (args, asker) => {
    const tags: Mark[] = [];
    for (const tagsOf of compiled)
      for (const text of tagsOf(args, asker)) if (tags.push(tagMark(text)) > most) return undefined;
    return tags;
  };
}

/** Tells whether some value of the placeholders makes both templates the same tag. */
export function canMeet(declared: string, named: string): boolean {
  const literals = declared.split(placeholder).filter((_, at) => at % 2 === 0);
  const pattern = literals.map((literal) => literal.replaceAll(/[.*+?^$()|[\]\\{}]/g, String.raw`\$&`)).join('.*');
  return new RegExp(`^${pattern}$`, 's').test(named.replaceAll(placeholder, '*'));
}

function compileTemplate(template: string, info: TaggedOperation, most: number): Values {
  const where = `${info.contract.upstream}.${info.id}: the tag '${template}'`;
  // Literals and names take turns, the first one is a literal.
  const pieces = template.split(placeholder);
  if (template === '' || pieces.some((piece, at) => at % 2 === 0 && /[{}]/.test(piece)))
    throw new TypeError(`${where} is no template: write a text such as 'item:{id}'`);
  const made = pieces.map((piece, at): Values => {
    if (at % 2 === 1) return valuesOf(piece, info, where);
    const literal = [piece];
    return () => literal;
  });
  return (args, asker) => {
    let texts: string[] = [''];
    for (const values of made) {
      const next = values(args, asker);
      texts = texts.flatMap((text) => next.map((value) => text + value)).slice(0, most + 1);
    }
    return texts;
  };
}

function valuesOf(name: string, info: TaggedOperation, where: string): Values {
  if (name === 'caller') return (_, asker) => [encodeURIComponent(asker?.subject ?? '')];
  if (name === 'tenant') return (_, asker) => [encodeURIComponent(asker?.tenant ?? '')];
  const [first = '', ...rest] = name.split('.');
  if (first === 'body' && info.body !== undefined && rest.length > 0 && !rest.includes(''))
    return ({ body }) => textsOf(memberOf(body, rest));
  const found = (info.parameters ?? []).filter(
    (parameter) => parameter.name === name || `${parameter.in}.${parameter.name}` === name,
  );
  const [one, another] = found;
  if (one === undefined)
    throw new TypeError(`${where} names {${name}}, which is no parameter: there are ${namesOf(info)}`);
  if (another !== undefined && one.in !== another.in)
    throw new TypeError(
      `${where} names {${name}}, which is in ${one.in} and in ${another.in}: write {${one.in}.${name}}`,
    );
  return (args) => textsOf(args[one.in]?.[one.name]);
}

function namesOf({ parameters = [], body }: TaggedOperation): string {
  const names = parameters.filter(({ in: group }) => groups.includes(group)).map(({ name }) => `{${name}}`);
  return [...new Set(['{caller}', '{tenant}', ...names]), ...(body === undefined ? [] : ['{body.<member>}'])].join(
    ', ',
  );
}

function memberOf(value: unknown, names: readonly string[]): unknown {
  let member = value;
  for (const name of names) {
    if (typeof member !== 'object' || member === null || !Object.hasOwn(member, name)) return undefined;
    member = Reflect.get(member, name);
  }
  return member;
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? [...new Set(value.map(textOf))] : [textOf(value)];

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return encodeURIComponent(value.toISOString());
  if (typeof value === 'bigint') return `${value}`;
  // A text as it is, everything else as JSON.
  return encodeURIComponent((typeof value === 'string' ? value : JSON.stringify(value, bigintAsText)).toWellFormed());
}

const bigintAsText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value);
