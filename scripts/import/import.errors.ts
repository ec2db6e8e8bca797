// What can be wrong with a file that somebody wants to import. Every refusal names the file and, where it can, the
// column and the row, and comes before anything is written.
import { defineErrors } from '../../mixins/errors.ts';

export const importErrors = defineErrors({
  FILE_MISSING: { status: 404, title: 'The file cannot be read' },
  FILE_UNSUPPORTED: { status: 415, title: 'Only Parquet and CSV files can be imported' },
  FILE_CORRUPT: { status: 422, title: 'The file is damaged' },
  FILE_COLUMNS: { status: 422, title: 'The file does not have the columns of Online Retail II' },
  FILE_ROW: { status: 422, title: 'A row of the file does not fit' },
  SHOP_REFUSED: { status: 409, title: 'The shop does not take what the file says' },
  ENGINE_MISSING: { status: 503, title: 'The optional package chdb, which reads the file, is not installed' },
  ENGINE_FAILED: { status: 500, title: 'The query over the file failed' },
});
