// The parts of the index, as queries use them.
import type { CategoryTree } from '../catalog/category-tree.contract.ts';
import type { Documents } from './documents.ts';
import type { TextIndex } from './text-index.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface Parts {
  readonly tree: CategoryTree;
  readonly documents: Documents;
  readonly text: TextIndex;
  readonly vocabulary: Vocabulary;
}
