import { isMap, isNode, isScalar, parseAllDocuments, visit, type Document, type Pair, type YAMLMap } from 'yaml';
import { insertionIndex } from './json-tree.js';
import type { MemberPath, ValueEdit } from './merge-values.js';

/** The data of a YAML text; undefined for errors, several documents, anchors, and keys that are no texts. */
export function yamlValue(text: string): { readonly value: unknown } | undefined {
  const document = oneDocument(text);
  if (document === undefined) return undefined;
  const value: unknown = document.toJS();
  return { value };
}

/**
 * The text with other values of members. Comments and the order of the team's file stay; a new member comes from the template with its
 * comments.
 */
export function editedYaml(text: string, edits: readonly ValueEdit[], template: string): string {
  const document = oneDocument(text);
  const source = oneDocument(template);
  if (document === undefined || source === undefined) return text;
  for (const { path, value } of edits) {
    const parent = mapAt(document, path.slice(0, -1));
    const name = path.at(-1);
    if (name === undefined) document.contents = document.createNode(value);
    else if (value === undefined) parent?.delete(name);
    else if (parent !== undefined) put(document, parent, name, value, mapAt(source, path.slice(0, -1)));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function put(document: Document, parent: YAMLMap, name: string, value: unknown, template: YAMLMap | undefined): void {
  const made = template?.items.find((pair) => nameOf(pair) === name);
  const isFromTemplate = made !== undefined && JSON.stringify(template?.toJSON()[name]) === JSON.stringify(value);
  const present = parent.items.find((pair) => nameOf(pair) === name);
  const pair = isFromTemplate ? made.clone() : document.createPair(name, value);
  if (present !== undefined) {
    const comment = isNode(present.value) ? present.value.comment : undefined;
    present.value = pair.value;
    if (isNode(present.value) && comment != null) present.value.comment = comment;
    return;
  }
  const names = parent.items.map((each) => nameOf(each) ?? '');
  const order = template?.items.map((each) => nameOf(each) ?? '') ?? [];
  parent.items.splice(insertionIndex(names, name, order), 0, pair);
}

function mapAt(document: Document, path: MemberPath): YAMLMap | undefined {
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  return isMap(node) ? node : undefined;
}

function nameOf({ key }: Pair): string | undefined {
  return isScalar(key) && typeof key.value === 'string' ? key.value : undefined;
}

function oneDocument(text: string): Document | undefined {
  const documents = parseAllDocuments(text);
  const [document] = documents;
  if (!Array.isArray(documents) || documents.length !== 1 || document === undefined) return undefined;
  if (document.errors.length > 0) return undefined;
  const others: unknown[] = [];
  visit(document, {
    Alias: (_, alias) => void others.push(alias),
    Pair: (_, pair) => void (nameOf(pair) === undefined && others.push(pair)),
    Value: (_, { anchor }) => void (anchor !== undefined && others.push(anchor)),
  });
  return others.length === 0 ? document : undefined;
}
