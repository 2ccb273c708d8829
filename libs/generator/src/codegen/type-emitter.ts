import type { JsonSchema } from '@frontage/core';
import openapiTS, { type OpenAPI3, type OpenAPITSOptions } from 'openapi-typescript';
import ts from 'typescript';
import { unguardName } from './schema-objects.js';
import { showInvisible } from './source-text.js';
import { bytesKey, integer64Key } from './type-schemas.js';

/**
 * Turns schemas into types; the interface to the library that does it. Schemas have plain keys (`t1`), refer to each other as
 * `#/components/schemas/<key>` and hold only keywords that a type can express.
 */
export interface TypeEmitter {
  /** @returns the text of each type by its key; a reference to another type is `nameOf(key)` */
  emit(schemas: ReadonlyMap<string, JsonSchema>, nameOf: (key: string) => string): Promise<EmittedTypes>;
}

export interface EmittedTypes {
  readonly types: ReadonlyMap<string, string>;
  /** Declarations that the types need. */
  readonly declarations: readonly string[];
}

const options: OpenAPITSOptions = {
  silent: true,
  emptyObjectsUnknown: true,
  // A default is for a missing member of a request; it does not make the member present in a response.
  defaultNonNullable: false,
  transformProperty: (property) => {
    const name = nameText(property.name);
    const own = unguardName(name);
    if (own === name) return property;
    const { modifiers, questionToken, type } = property;
    return ts.factory.createPropertySignature(modifiers, ts.factory.createStringLiteral(own), questionToken, type);
  },
};

/** openapi-typescript with a document that is made for it: one version, one dialect, only names and texts that are safe for it. */
export class OpenApiTypescriptEmitter implements TypeEmitter {
  async emit(schemas: ReadonlyMap<string, JsonSchema>, nameOf: (key: string) => string): Promise<EmittedTypes> {
    const document: OpenAPI3 = JSON.parse(
      JSON.stringify({
        openapi: '3.1.0',
        info: { title: '', version: '' },
        paths: {},
        components: { schemas: { ...Object.fromEntries(schemas), [bytesKey]: {}, [integer64Key]: {} } },
      }),
    );
    const nodes = await openapiTS(document, options);
    const file = ts.createSourceFile('types.ts', '', ts.ScriptTarget.ESNext, false, ts.ScriptKind.TS);
    const printer = ts.createPrinter({ newLine: ts.NewLineKind.LineFeed });
    const print = (node: ts.Node): string => {
      const text = printer.printNode(ts.EmitHint.Unspecified, node, file);
      const named = text.replaceAll(/components\["schemas"\]\["(\w+)"\]/g, (_, key: string) => nameOf(key));
      return showInvisible(tidy(named));
    };
    const types = new Map<string, string>();
    const declarations: string[] = [];
    for (const node of nodes) {
      const name = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) ? node.name.text : undefined;
      if (name === 'components' && ts.isInterfaceDeclaration(node)) {
        for (const member of membersOf(node, 'schemas')) {
          if (ts.isPropertySignature(member) && member.type !== undefined)
            types.set(nameText(member.name), print(member.type));
        }
      } else if (name === 'WithRequired') declarations.push(print(node));
    }
    return { types, declarations };
  }
}

/** Indents by two spaces where the printer uses four, and removes tags that only repeat the type. */
function tidy(text: string): string {
  return text
    .replaceAll(/^(?: {4})+/gm, (spaces) => ' '.repeat(spaces.length / 2))
    .replaceAll(/^ *(?:\/\*)?\*{1,2} @(?:constant|enum \{[^}\n]*\})(?: \*\/)?\n/gm, '')
    .replaceAll(/^( *(?:\/\*\*| \*) )@description /gm, '$1');
}

function membersOf(node: ts.InterfaceDeclaration, name: string): readonly ts.TypeElement[] {
  const member = node.members.find((each) => ts.isPropertySignature(each) && nameText(each.name) === name);
  if (member === undefined || !ts.isPropertySignature(member) || member.type === undefined) return [];
  return ts.isTypeLiteralNode(member.type) ? member.type.members : [];
}

function nameText(name: ts.PropertyName): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name) ? name.text : '';
}
