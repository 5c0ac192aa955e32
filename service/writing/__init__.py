"""Results → files: csv, jsonl, xlsx, the report and the record of the run."""
