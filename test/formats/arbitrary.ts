import fc from 'fast-check';
import type * as v from 'valibot';

/** The parts of a valibot schema that say what it lets through. */
interface AnySchema {
  readonly kind?: string;
  readonly type: string;
  readonly pipe?: readonly {
    readonly kind: string;
    readonly type: string;
    requirement?: unknown;
  }[];
  readonly entries?: Readonly<Record<string, AnySchema>>;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly item?: AnySchema;
  readonly wrapped?: AnySchema;
}

/** Values that the schema lets through, with unknown keys in every loose object. */
export function arbitraryOf<const TSchema extends v.GenericSchema>(
  schema: TSchema,
): fc.Arbitrary<v.InferOutput<TSchema>> {
  return arbitrary(schema);
}

const unknownKeys = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 4 }).map((key) => `x-${key}`),
  fc.jsonValue({ maxDepth: 1, noUnicodeString: false }).map(plain),
  { maxKeys: 1, noNullPrototype: true },
);

/** JSON knows no negative zero. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function arbitrary(schema: AnySchema): fc.Arbitrary<unknown> {
  const has = (type: string) => schema.pipe?.some((action) => action.type === type) ?? false;
  const bound = (type: string) =>
    Number(schema.pipe?.find((action) => action.type === type)?.requirement);
  switch (schema.type) {
    case 'string':
      return has('iso_timestamp')
        ? fc
            .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999') })
            .map((d) => d.toISOString())
        : fc.string({ unit: 'grapheme', maxLength: 12 });
    case 'number':
      return has('integer')
        ? fc.integer({ min: bound('min_value'), max: Math.min(bound('max_value'), 2 ** 31 - 1) })
        : fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => x + 0);
    case 'boolean':
      return fc.boolean();
    case 'literal':
      return fc.constant(schema.literal);
    case 'picklist':
      return fc.constantFrom(...(schema.options ?? []));
    case 'nullable':
      return fc.option(wrapped(schema), { nil: null });
    case 'array':
      return fc.array(arbitrary(schema.item as AnySchema), { maxLength: 3 });
    case 'variant':
      return fc.oneof(...(schema.options ?? []).map((option) => arbitrary(option as AnySchema)));
    case 'loose_object':
      return looseObject(schema.entries ?? {});
    default:
      throw new Error(`No arbitrary for ${schema.type}`);
  }
}

function wrapped(schema: AnySchema): fc.Arbitrary<unknown> {
  return arbitrary(schema.wrapped as AnySchema);
}

function looseObject(entries: Readonly<Record<string, AnySchema>>): fc.Arbitrary<unknown> {
  const optional = (one: AnySchema) => one.type === 'exact_optional';
  const model = Object.fromEntries(
    Object.entries(entries).map(([key, one]) => [
      key,
      optional(one) ? wrapped(one) : arbitrary(one),
    ]),
  );
  const requiredKeys = Object.keys(entries).filter((key) => !optional(entries[key] as AnySchema));
  return fc
    .tuple(fc.record(model, { requiredKeys, noNullPrototype: true }), unknownKeys)
    .map(([known, more]) => ({ ...more, ...known }));
}
