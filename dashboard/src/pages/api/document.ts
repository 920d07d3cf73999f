/** What the page needs of an OpenAPI 3.1 document. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  format?: string;
  title?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}

type Content = Record<string, { schema?: Schema }>;

interface Operation {
  tags?: string[];
  description?: string;
  summary?: string;
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { description?: string; content?: Content }>;
}

export interface OpenApi {
  info: { version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

export interface Resource {
  id: string;
  tag: string;
  method: string;
  path: string;
  text: string;
  parameters: Parameter[];
  body: string;
  answers: { status: string; text: string; schema: string }[];
}

/** Every operation, in the document's order. */
export function resources(document: OpenApi): Resource[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({
      id: `${method} ${path}`,
      tag: one.tags?.[0] ?? "",
      method: method.toUpperCase(),
      path,
      text: one.description ?? one.summary ?? "",
      parameters: one.parameters ?? [],
      body: nameOf(schemaIn(one.requestBody?.content)),
      answers: Object.entries(one.responses)
        .sort(([left], [right]) => left.localeCompare(right))
        .map(([status, told]) => ({ status, text: told.description ?? "", schema: nameOf(schemaIn(told.content)) })),
    })),
  );
}

const schemaIn = (content?: Content): Schema | undefined => Object.values(content ?? {})[0]?.schema;

/** A schema in a word or two: its name, or its type. */
export function nameOf(schema?: Schema): string {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").at(-1) ?? "";
  if (schema.anyOf) return schema.anyOf.map(nameOf).filter((one) => one !== "null").join(" or ");
  if (schema.enum) return schema.enum.map(String).join(" | ");
  if (schema.const !== undefined) return String(schema.const);
  if (schema.type === "array") return `list of ${nameOf(schema.items) || "anything"}`;
  const type = Array.isArray(schema.type) ? schema.type.filter((one) => one !== "null").join(" or ") : (schema.type ?? "");
  return schema.format ? `${type} (${schema.format})` : type;
}

/** The fields of a schema by its name; none for what has no fields. */
export function fieldsOf(document: OpenApi, name: string): { name: string; type: string; text: string; required: boolean }[] {
  const schema = document.components.schemas[name];
  return Object.entries(schema?.properties ?? {}).map(([field, one]) => ({
    name: field,
    type: nameOf(one),
    text: one.description ?? "",
    required: schema?.required?.includes(field) ?? false,
  }));
}
