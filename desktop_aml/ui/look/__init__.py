"""How things look and are worded: theme, icons, formats, translations. Imports no other room."""
