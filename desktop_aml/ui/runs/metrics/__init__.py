"""Parts of the metrics tab: its reading, single values, saving. They do not know the page."""
