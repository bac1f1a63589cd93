"""The window around the pages: actions, menus, docks, tabs, messages. Knows rooms by their entry points."""
