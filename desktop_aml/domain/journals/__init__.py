"""Forms of the journals of runs beside that of lines: values and rules, no files."""
