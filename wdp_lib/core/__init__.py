"""What every other room may use: errors, columns, files, places."""
