"""Parts of the metrics tab: its bar, its reading, single values, saving. They do not know the page."""
