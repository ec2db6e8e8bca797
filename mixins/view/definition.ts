// A view is a disposable read model kept from one stream: deleting it loses nothing, `rebuild` restores it.
import type { LogMessage } from '../log/message.ts';

/** A document of a view. `id` is the actor's id. */
export interface ViewDocument {
  readonly id: string;
}

/** Equality, or a range, per field. Written by the domain, never taken from a caller. */
export type Condition =
  | string
  | number
  | boolean
  | null
  | {
      readonly $in?: readonly (string | number)[];
      readonly $gte?: number | string;
      readonly $lte?: number | string;
      readonly $lt?: number | string;
      readonly $gt?: number | string;
      readonly $regex?: RegExp;
    };
export type Where = Readonly<Record<string, Condition>> | { readonly $or: readonly Where[] };

export interface ViewDefinition<Doc extends ViewDocument> {
  /** Collection name. */
  readonly name: string;
  readonly stream: string;
  /** Fields with many different values; one with few (a status) would slow every write down in the embedded store. */
  readonly indexes?: readonly (keyof Doc & string)[];
  /** The document after this step, 'delete' to remove it, undefined when the step does not concern the view. */
  project(message: LogMessage): Doc | 'delete' | undefined;
}

export function defineView<Doc extends ViewDocument>(definition: ViewDefinition<Doc>): ViewDefinition<Doc> {
  return definition;
}

export interface Page {
  readonly where?: Where;
  /** Field, descending when it starts with `-`; ties are broken by id. */
  readonly sort?: string;
  readonly limit?: number;
  /** Cursor given by the page before. */
  readonly after?: string;
}
