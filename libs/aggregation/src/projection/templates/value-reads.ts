import type { JsonSchema } from '@frontage/core';
import type { Template } from '@frontage/transcoder';
import { isInherited } from '../../evaluate/scope/evaluation-scope.js';
import type { SchemaDocument } from '../../schema/schema-document.js';
import { kindsOf } from '../../schema/schema-kinds.js';
import { elementOf, propertyNames, propertyOf } from '../../schema/schema-navigation.js';
import { namesAll } from './projected-values.js';
import { NotProjectable } from './not-projectable.js';
import type { ValueDraft } from './document-draft.js';

/** Maximum depth of one subtree. Parsing all of a deeper one costs no more. */
const maxDepth = 8;

/**
 * The members of one response that computed members read, as a tree of paths. Of a document with two hundred members the transcoder writes
 * out the three that a function gets, and only those are parsed; the evaluation does not notice that there were more.
 */
export class ValueReads {
  readonly #members = new Map<string, ValueReads>();
  #item: ValueReads | undefined;
  #isScalar = false;

  member(key: string): ValueReads {
    if (isInherited(key)) throw new NotProjectable(`every object has a '${key}'`);
    const member = this.#members.get(key) ?? new ValueReads();
    this.#members.set(key, member);
    return member;
  }

  /** Notes that it is a list, also where nothing of its items is read. */
  items(): void {
    this.#item ??= new ValueReads();
  }

  get item(): ValueReads {
    return (this.#item ??= new ValueReads());
  }

  scalar(): void {
    this.#isScalar = true;
  }

  /**
   * Adds all members that a schema declares.
   * @throws NotProjectable where the members are not declared, or where the reader would get undeclared members of a schema that is more
   * than scalars
   */
  whole(schema: JsonSchema, document: SchemaDocument, declaredOnly: boolean, depth = 0): void {
    const kinds = kindsOf(schema, document);
    if (kinds === 'anything') throw new NotProjectable('the contract does not say what it is');
    const { scalars, objects, lists } = kinds;
    const [object] = objects;
    const [list] = lists;
    if (object === undefined && list === undefined) {
      this.#isScalar = true;
      return;
    }
    if (objects.length + lists.length > 1 || scalars === 'some')
      throw new NotProjectable('it may be one of several kinds');
    if (depth === maxDepth) throw new NotProjectable('it holds more of its own kind');
    if (list !== undefined) {
      this.item.whole(elementOf(list, document) ?? true, document, declaredOnly, depth + 1);
      return;
    }
    if (object === undefined) return;
    if (!declaredOnly) throw new NotProjectable('a function gets it whole');
    if (!namesAll(object, document)) throw new NotProjectable('the contract does not name its members');
    for (const name of propertyNames(object, document)) {
      const property = propertyOf(object, name, document);
      this.member(name).whole(property?.schema ?? true, document, declaredOnly, depth + 1);
    }
  }

  /** Items that nothing is read of are only counted. */
  #itemTemplate(draft: ValueDraft): Template {
    if (!this.#isScalar && this.#members.size === 0 && this.#item === undefined) return { kind: 'text', json: '0' };
    return this.template(draft);
  }

  /** The template that writes out the reads, in the structure of the response. */
  template(draft: ValueDraft): Template {
    const kinds = Number(this.#isScalar) + Number(this.#members.size > 0) + Number(this.#item !== undefined);
    if (kinds !== 1) throw new NotProjectable(kinds === 0 ? 'nothing in it is read' : 'it is read in two ways');
    if (this.#isScalar) return { kind: 'value', of: draft.scalar() };
    const { item } = this;
    if (this.#members.size === 0) return { kind: 'value', of: draft.list((each) => item.#itemTemplate(each), false) };
    const object = draft.object(true);
    const members = [...this.#members].map(([name, reads]) => ({
      name,
      // The reader itself checks for required members.
      value: reads.template(object.member(name, false)),
    }));
    return { kind: 'within', of: object.shape, body: { kind: 'object', members } };
  }
}
