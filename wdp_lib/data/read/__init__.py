"""From the files as received to rows that are understood."""
