"""Table files: CSV, TSV, JSON lines, Parquet and Excel, read and written row by row."""
