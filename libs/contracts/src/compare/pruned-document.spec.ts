import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readContract, type ContractDocument } from '../read-contract.js';
import { brokenUses, usersOf } from './check-document.js';
import { prunedDocument, type OperationUse } from './pruned-document.js';

const read = (text: string): Promise<ContractDocument> => readContract(fileURLToPath(import.meta.url), { text });
const text = `openapi: 3.0.3
info: { title: Shop, version: '1' }
paths:
  /items/{id}:
    get:
      operationId: getItem
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: lang, in: query, schema: { type: string } }
        - { name: debug, in: query, schema: { type: boolean } }
      responses:
        '200': { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/Item' } } } }
        '404': { description: no such item }
        '410': { description: gone }
    delete: { operationId: deleteItem, responses: { '204': { description: d } } }
components:
  schemas:
    Item:
      type: object
      required: [id, name, price]
      properties:
        id: { type: string }
        name: { type: string, nullable: true, maxLength: 20 }
        price: { $ref: '#/components/schemas/Money' }
        tags: { type: array, items: { type: object, properties: { key: { type: string }, note: { type: string } } } }
        pay: { oneOf: [{ $ref: '#/components/schemas/Card' }, { $ref: '#/components/schemas/Bank' }] }
        any: { oneOf: [{ type: object, properties: { a: { type: string } } }, { type: object, properties: { b: { type: string } } }] }
    Money: { type: object, required: [amount], properties: { amount: { type: integer }, unit: { $ref: '#/components/schemas/Unit' } } }
    Unit: { type: string }
    Card: { type: object, required: [kind], properties: { kind: { type: string, enum: [card] }, digits: { type: string }, brand: { type: string } } }
    Bank: { type: object, required: [kind], properties: { kind: { type: string, enum: [bank] }, iban: { type: string } } }
    Unused: { type: object }
`;

const use = (
  user: string,
  reads: readonly string[],
  more: Partial<OperationUse<string>> = {},
): OperationUse<string> => ({
  user,
  operation: 'getItem',
  reads,
  parameters: ['query lang'],
  body: [],
  statuses: ['404'],
  ...more,
});

describe('the part of a contract that callers use', () => {
  it('has the fields, parameters and errors that they know, each with its callers, and is a valid document', async () => {
    const contract = await read(text);
    const pruned = prunedDocument(contract, [
      use('a', ['id', 'tags[].key', 'pay.digits']),
      use('b', ['name', 'price'], { parameters: [], statuses: [] }),
    ]);
    expect(stringify(pruned, { aliasDuplicateObjects: false })).toMatchInlineSnapshot(`
      "openapi: 3.1.0
      info:
        title: Shop
        version: "1"
      paths:
        /items/{id}:
          get:
            operationId: getItem
            x-used-by:
              - a
              - b
            parameters:
              - name: id
                in: path
                required: true
                schema:
                  type: string
                x-used-by:
                  - a
                  - b
              - name: lang
                in: query
                schema:
                  type: string
                x-used-by:
                  - a
            responses:
              "200":
                description: d
                content:
                  application/json:
                    schema:
                      type: object
                      properties:
                        id:
                          type: string
                          x-used-by:
                            - a
                        name:
                          type:
                            - string
                            - "null"
                          maxLength: 20
                          x-used-by:
                            - b
                        price:
                          $ref: "#/components/schemas/Money"
                          x-used-by:
                            - b
                        tags:
                          type: array
                          items:
                            type: object
                            properties:
                              key:
                                type: string
                                x-used-by:
                                  - a
                            x-used-by:
                              - a
                          x-used-by:
                            - a
                        pay:
                          anyOf:
                            - type: object
                              properties:
                                kind:
                                  type: string
                                  enum:
                                    - card
                                digits:
                                  type: string
                                  x-used-by:
                                    - a
                              required:
                                - kind
                            - type: object
                              properties:
                                kind:
                                  type: string
                                  enum:
                                    - bank
                              required:
                                - kind
                          x-used-by:
                            - a
                      required:
                        - id
                        - name
                        - price
                      x-used-by:
                        - a
                        - b
              "404":
                description: no such item
                x-used-by:
                  - a
      components:
        schemas:
          Money:
            type: object
            required:
              - amount
            properties:
              amount:
                type: integer
              unit:
                $ref: "#/components/schemas/Unit"
          Unit:
            type: string
      "
    `);
    const again = await read(stringify(pruned, { aliasDuplicateObjects: false }));
    expect(again.operations.map(({ id }) => id)).toEqual(['getItem']);
    expect(again.warnings).toEqual([]);
    expect(brokenUses(pruned, contract)).toEqual([]);
  });

  it('has a union as a whole where no member tells its kinds apart', async () => {
    const pruned = JSON.stringify(prunedDocument(await read(text), [use('a', ['any.a'])]));
    expect(pruned).toContain('"b":{"type":"string"}');
  });

  it.each([
    ['nothing that they use', text.replace('note: { type: string }', 'note: { type: integer }').replace('debug', 'trace'), []],
    ['a field of one caller', text.replace('key: { type: string }', 'key: { type: integer }'), [['tags[].key', ['a']]]],
    ['a field below one that is read as a whole', text.replace('amount: { type: integer }', 'amount: { type: string }'), [['price.amount', ['b']]]],
    ['a member of one kind', text.replace('digits: { type: string }', 'digits: { type: integer }'), [['pay.digits', ['a']]]],
    ['a parameter that is sent', text.replace('lang, in: query, schema: { type: string }', 'lang, in: query, schema: { type: integer }'), [['query lang', ['a']]]],
    ['a parameter that nobody sends', text.replace('debug, in: query, schema: { type: boolean }', 'debug, in: query, schema: { type: string }'), []],
    ['the operation', text.replace('/items/{id}', '/things/{id}'), [['', ['a', 'b']]]],
    ['an error that they do not know', text.replace("'410'", "'423'"), []],
  ])('tells the callers of %s', async (_what, after, expected) => {
    const pruned = prunedDocument(await read(text), [
      use('a', ['id', 'tags[].key', 'pay.digits']),
      use('b', ['name', 'price'], { parameters: [] }),
    ]);
    const broken = brokenUses(pruned, await read(after));
    expect(broken.map((change) => [change.subject, usersOf(pruned, change)])).toEqual(expected);
  }); // prettier-ignore

  it('has the members of a body that are sent, and all of a group that is sent as one', async () => {
    const body = `      requestBody: { required: true, content: { application/json: { schema: { type: object, required: [a], properties: { a: { type: string }, b: { type: object, properties: { c: { type: string }, d: { type: string } } } } } } } }
`;
    const contract = await read(
      text.replace("      responses:\n        '200'", `${body}      responses:\n        '200'`),
    );
    const pruned = prunedDocument(contract, [use('a', [], { body: ['a', 'b.c'], parameters: ['query *'] })]);
    const written = JSON.stringify(pruned);
    expect(written).toContain('"name":"debug"');
    expect(written).toContain('"c":{"type":"string"');
    expect(written).not.toContain('"d":');
  });
});
